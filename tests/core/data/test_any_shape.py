# SPDX-License-Identifier: Apache-2.0
"""Items of any shape and real type: what is kept, how it is normalised, and what is refused."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from drawplate.data import Normalisation, normalisation_of, record_normalisation
from drawplate.errors import DataError, DrawplateError, ModelError
from drawplate.torch.loop import as_tensor
from drawplate.torch.loop.evaluate import Pixels

from .conftest import load

KEPT = ("uint8", "uint16", "int8", "int16", "int32", "float16", "float32", "float64")
SHAPES = {"vector": (7,), "series": (2, 40), "mfcc": (1, 49, 10), "volume": (1, 3, 4, 5)}


def save(folder, shape=(7,), kind="float32", *, count=60, scale=1.0, offset=0.0, **others):
    random = np.random.default_rng(0)
    y = np.arange(count) % 3
    x = random.normal(0, 1, (count, *shape)) * scale + offset
    x = np.abs(x * 20).astype(kind) if kind.startswith("u") else (x * (20 if kind[0] == "i" else 1)).astype(kind)
    arrays = {"x_train": x[:48], "y_train": y[:48], "x_test": x[48:], "y_test": y[48:]} | others
    path = folder / "own.npz"
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


@pytest.mark.parametrize("kind", KEPT)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("normalise", ["unit", "standard", "none"])
def test_values_stay_in_their_type_and_are_normalised_alike_everywhere(kind, shape, normalise, tmp_path):
    data = load(name="npz", path=save(tmp_path, shape, kind), normalise=normalise, shape=shape)
    train = data.split("train")
    assert data.shape == shape
    assert {split.x.dtype.name for split in data.splits.values()} == {kind}
    fed = data.normalisation.apply(train.x)
    assert fed.dtype == np.float32
    through_torch = Pixels(data.normalisation, "cpu")(as_tensor(train.x)).numpy()
    np.testing.assert_array_equal(fed, through_torch)
    axes = (0, *range(2, fed.ndim))
    if normalise == "standard":
        np.testing.assert_allclose(fed.mean(axis=axes), 0, atol=1e-3)
        np.testing.assert_allclose(fed.std(axis=axes), 1, atol=1e-3)
    elif normalise == "none":
        np.testing.assert_array_equal(fed, train.x.astype(np.float32))
    else:
        assert np.abs(fed).max() <= 1
    low, high = data.normalisation.fed
    assert low <= fed.min() + 1e-6
    assert fed.max() <= high + 1e-6


@pytest.mark.parametrize(("kind", "expected"), [("uint8", "unit"), ("int16", "unit"), ("float32", "none")])
def test_floats_are_fed_as_they_are_and_integers_by_their_largest_unless_the_flow_says_otherwise(
    kind, expected, tmp_path
):
    path = save(tmp_path, kind=kind)
    assert load(name="npz", path=path) == load(name="npz", path=path, normalise=expected)


def test_mean_deviation_and_scale_of_ones_own():
    from drawplate.data import read_data_table
    from drawplate.data.hooks import datasets

    def digits(**normalise):
        return read_data_table({"name": "digits", "normalise": normalise}, datasets()).normalisation

    assert digits(mean=[0.5], std=[0.25]) == Normalisation((0.5,), (0.25,), 255.0)
    assert digits(scale=16) == Normalisation((0.0,), (1.0,), 16.0)
    assert digits(scale=16).fed == (0.0, 255 / 16)
    for wrong, part in (
        ({"mean": [0.1, 0.2]}, "mean has 2 numbers, items of shape \\[1, 8, 8\\] have 1"),
        ({"std": [0]}, "option 'std'"),
        ({"std": [float("nan")]}, "std"),
        ({"mean": [float("inf")]}, "mean is"),
        ({"scale": float("inf")}, "scale is"),
        ({"scal": 3}, "did you mean: scale"),
    ):
        with pytest.raises(DrawplateError, match=part):
            digits(**wrong)


def test_a_channel_that_is_constant_is_not_blown_up(tmp_path):
    x = np.random.default_rng(0).normal(0, 1, (48, 3))
    x[:, 1] = 0.1
    data = load(name="npz", path=save(tmp_path, x_train=x, x_test=x[:12]), normalise="standard")
    fed = data.normalisation.apply(data.split("train").x)
    np.testing.assert_allclose(fed[:, 1], 0, atol=1e-6)
    assert np.abs(fed).max() < 10


def test_values_whose_squares_vanish_are_fed_as_numbers(tmp_path):
    data = load(name="npz", path=save(tmp_path, kind="float64", scale=1e-200), normalise="standard")
    assert np.isfinite(data.normalisation.apply(data.split("train").x)).all()
    assert any("a network is fed values from" in note for note in data.notes)


def test_a_large_offset_costs_no_digits(tmp_path):
    path = save(tmp_path, kind="float64", offset=1e8)
    data = load(name="npz", path=path, normalise="standard")
    x = data.split("train").x
    expected = (x - x.mean(axis=0)) / x.std(axis=0)
    np.testing.assert_allclose(data.normalisation.apply(x), expected, rtol=1e-5, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(
    x=hnp.arrays(
        st.sampled_from(KEPT),
        hnp.array_shapes(min_dims=2, max_dims=4, min_side=1, max_side=5),
        elements={"allow_nan": False, "allow_infinity": False},
    ),
    mean=st.floats(-100, 100),
    std=st.floats(1e-3, 1e3),
    scale=st.sampled_from([1.0, 255.0, 65535.0]),
)
def test_torch_and_numpy_normalise_to_the_same_bits(x, mean, std, scale):
    normalisation = Normalisation((mean,), (std,), scale, (0.0, 1.0))
    with np.errstate(over="ignore"):
        expected = normalisation.apply(x)
    np.testing.assert_array_equal(expected, Pixels(normalisation, "cpu")(as_tensor(x)).numpy())


def test_bytes_give_the_bits_that_they_always_gave():
    x = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    mean, std = np.array([0.4914]), np.array([0.247])
    scale, shift = (1 / (255 * std)).astype(np.float32), (mean / std).astype(np.float32)
    expected = x.astype(np.float32) * scale[:, None, None] - shift[:, None, None]
    np.testing.assert_array_equal(Normalisation((0.4914,), (0.247,)).apply(x), expected)


@pytest.mark.parametrize(
    ("given_shape", "shape", "kept"),
    [
        ((28, 28), None, (28, 28)),
        ((28, 28), [1, 28, 28], (1, 28, 28)),
        ((490,), [1, 49, 10], (1, 49, 10)),
        ((9, 7, 3), None, (3, 9, 7)),
        ((9, 7, 3), [3, 9, 7], (3, 9, 7)),
        ((9, 7, 3), [9, 7, 3], (9, 7, 3)),
        ((), None, (1,)),
    ],
)
def test_shape_says_what_an_item_is(given_shape, shape, kept, tmp_path):
    data = load(name="npz", path=save(tmp_path, given_shape), shape=shape, shuffle=False)
    assert data.shape == kept
    with np.load(tmp_path / "own.npz") as arrays:
        first = arrays["x_train"][0]
    moved = np.moveaxis(first, -1, 0) if first.shape == (9, 7, 3) and kept == (3, 9, 7) else first
    np.testing.assert_array_equal(data.split("train").x[0], moved.reshape(kept))


@pytest.mark.parametrize("shape", [[3, 5], [], [10**30], [2, 10**18]])
def test_a_shape_that_does_not_fit_is_refused(shape, tmp_path):
    with pytest.raises(DataError, match="shape"):
        load(name="npz", path=save(tmp_path), shape=shape)


def test_wide_integers_become_small_ones_alike_in_both_splits(tmp_path):
    path = save(tmp_path, x_train=np.full((48, 2), 1000), x_test=np.ones((12, 2), np.int64))
    assert load(name="npz", path=path).split("test").x.dtype == np.int16
    path = save(tmp_path, x_train=np.full((48, 2), 2**40), x_test=np.ones((12, 2), np.int64))
    with pytest.raises(DataError, match="training items: holds integers from 1099511627776"):
        load(name="npz", path=path)
    path = save(tmp_path, x_train=np.eye(48, dtype=bool), x_test=np.eye(48, dtype=bool)[:12])
    data = load(name="npz", path=path)
    assert data.normalisation.apply(data.split("train").x).max() == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("part", ["x_train", "x_test"])
def test_a_number_that_is_none_is_found(value, part, tmp_path):
    x = np.zeros((48 if part == "x_train" else 12, 2, 3))
    x[7, 1, 2] = value
    other = {"x_train": np.zeros((48, 2, 3)), "x_test": np.zeros((12, 2, 3))}
    with pytest.raises(DataError, match=r"item 7 holds .* at \[1, 2\]"):
        load(name="npz", path=save(tmp_path, **(other | {part: x})))


@pytest.mark.parametrize(
    ("arrays", "part"),
    [
        ({"x_train": np.zeros((48, 2)).astype("S3")}, "holds text"),
        ({"x_train": np.zeros((48, 2), complex)}, "holds complex numbers"),
        ({"x_train": np.zeros((48, 2), "M8[s]")}, "holds datetime64"),
        ({"x_train": np.zeros((48, 2), [("a", "f4")])}, "holds records"),
        ({"x_train": np.zeros(())}, "no items"),
        ({"x_train": np.zeros((0, 2))}, "no items"),
        ({"x_train": np.zeros((48, 0))}, "no items"),
        ({"x_train": np.zeros((48, 3))}, r"training items are \[3\], test items \[7\]"),
        ({"x_train": np.zeros((48, 7), np.uint8)}, "training items are uint8, test items float32"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(arrays, part, tmp_path):
    with pytest.raises(DataError, match=part):
        load(name="npz", path=save(tmp_path, **arrays))


def test_a_range_of_ones_own(tmp_path):
    path = save(tmp_path)
    found = load(name="npz", path=path).normalisation
    assert load(name="npz", path=path, range=(-4.0, 4.0)).normalisation.fed == (-4.0, 4.0)
    assert -4 < found.fed[0] < 0 < found.fed[1] < 4
    for wrong in ((1.0, 1.0), (2.0, 1.0), (float("nan"), 1.0), (float("-inf"), 0.0)):
        with pytest.raises(DataError, match="option 'range'"):
            load(name="npz", path=path, range=wrong)
    with pytest.raises(DataError, match=r"bytes are 0\.\.255"):
        load(name="digits", range=(0.0, 1.0))


def test_a_model_file_remembers_any_normalisation_and_reads_old_ones():
    for normalisation in (
        Normalisation((0.5,), (0.25,)),
        Normalisation((0.5, 1.0), (0.25, 2.0), 1.0, (-3.0, 4.5)),
        Normalisation((0.0,), (1.0,), 65535.0, (0.0, 1.0)),
    ):
        proto = onnx.ModelProto()
        record_normalisation(proto, normalisation)
        assert normalisation_of(proto) == normalisation
    record_normalisation(proto, Normalisation((0.5,), (0.25,)))
    assert proto.metadata_props[0].value == '{"mean": [0.5], "std": [0.25]}'
    for damaged in ("", "{}", "[1]", '{"mean": 3, "std": 4}', '{"mean": [1], "std": [1], "range": [1]}'):
        proto.metadata_props[0].value = damaged
        with pytest.raises(ModelError, match=r"drawplate\.normalisation"):
            normalisation_of(proto)


def test_layouts_of_a_file_of_ones_own(tmp_path):
    whole = load(name="npz", path=save(tmp_path, (4,)))
    with np.load(tmp_path / "own.npz") as arrays:
        parts = dict(arrays)
    folder = tmp_path / "unpacked"
    folder.mkdir()
    for name, array in parts.items():
        np.save(folder / f"{name}.npy", array)
    assert load(name="npz", path=folder) == whole
    np.savez(tmp_path / "capital.npz", **{name.replace("x", "X"): array for name, array in parts.items()})
    assert load(name="npz", path=tmp_path / "capital.npz") == whole
    np.savez(tmp_path / "val.npz", **parts, x_val=parts["x_test"] + 1, y_val=parts["y_test"])
    with_val = load(name="npz", path=tmp_path / "val.npz")
    np.testing.assert_array_equal(with_val.split("val").x, parts["x_test"] + 1)
    assert len(with_val.split("train")) == 48
    np.savez(tmp_path / "undivided.npz", x=parts["x_train"], y=parts["y_train"])
    undivided = load(name="npz", path=tmp_path / "undivided.npz")
    assert [len(undivided.split(name)) for name in ("train", "val", "test")] == [34, 6, 8]
    assert any("the file holds none" in note for note in undivided.notes)


def test_sorted_arrays_are_shuffled_by_the_seed_before_they_are_divided(tmp_path):
    y = np.repeat(np.arange(3), 16)
    path = save(tmp_path, (1,), x_train=np.arange(48.0), y_train=y, x_test=np.arange(12.0))
    data = load(name="npz", path=path)
    assert set(data.split("val").y) == set(data.split("train").y) == {0, 1, 2}
    assert not any("sorted" in note for note in data.notes)
    for split in ("train", "val"):
        np.testing.assert_array_equal(data.split(split).y, data.split(split).x[:, 0] // 16)
    assert load(name="npz", path=path).digest == data.digest
    assert load(name="npz", path=path, seed=1).digest != data.digest
    kept = load(name="npz", path=path, shuffle=False)
    assert set(kept.split("val").y) == {2}
    assert any("labels are sorted" in note for note in kept.notes)
    assert "no validation item of class '0', '1'" in kept.notes


def test_what_weakens_the_evidence_is_said(tmp_path):
    x = np.random.default_rng(0).integers(0, 2, (60, 6, 6)).astype(np.uint8)
    data = load(name="npz", path=save(tmp_path, x_train=x[:48], x_test=np.concatenate([x[:4], x[52:]])))
    assert "4 of 12 test items are training items too" in data.notes
    assert any("training values go up to 1 and are divided by 255" in note for note in data.notes)
    far = load(name="npz", path=save(tmp_path, offset=300.0))
    assert any('normalise = "standard"' in note for note in far.notes)
    assert not any('"standard"' in n for n in load(name="npz", path=tmp_path / "own.npz", normalise="standard").notes)
    same = load(name="npz", path=save(tmp_path, x_train=np.zeros((48, 7), np.float32)))
    assert "all training values are 0.0" in same.notes
    assert load(name="digits").notes == ()


def test_views_and_shifts_of_wide_pictures_shift_what_is_there():
    import torch

    from drawplate.torch.loop import Augmentation

    x = as_tensor(np.arange(2 * 5 * 5, dtype=np.uint16).reshape(2, 1, 5, 5) * 1000)
    moved = Augmentation("crop").apply(x, torch.tensor([[5, 4, 0], [4, 3, 0]]))
    np.testing.assert_array_equal(moved[0, 0, :4], x[0, 0, 1:])
    np.testing.assert_array_equal(moved[1, 0, :, 1:], x[1, 0, :, :4])


def test_pictures_of_12_bits_are_spoken_of(tmp_path):
    x = np.random.default_rng(0).integers(0, 4096, (60, 6, 6)).astype(np.uint16)
    x[0, 0, 0] = 4095
    path = save(tmp_path, x_train=x[:48], x_test=x[48:])
    said = [note for note in load(name="npz", path=path, shuffle=False).notes if "divided by 65535" in note]
    assert said
    assert "{ scale = 4095 }" in said[0]
