# SPDX-License-Identifier: Apache-2.0
"""Splits, digests, normalisation, and where data are looked for."""

from __future__ import annotations

import attrs
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate.data import DataOptions, Normalisation, Raw, available, load_dataset
from drawplate.data import normalisation_of as recorded
from drawplate.data import record_normalisation as record
from drawplate.data.hooks import datasets
from drawplate.errors import DataError

from .conftest import Images, load


def numbered(train: int, test: int) -> Raw:
    """Images whose pixels are their number."""
    x = np.arange(train + test, dtype=np.uint8)[:, None, None, None]
    y = (np.arange(train + test) % 3).astype(np.int64)
    return Raw(train_x=x[:train], train_y=y[:train], test_x=x[train:], test_y=y[train:], classes=("a", "b", "c"))


def load_raw(raw: Raw, **options):
    reader = attrs.evolve(datasets()["digits"], read=lambda _found: raw, validation=0)
    return load_dataset(DataOptions(**options), {"digits": reader})


sizes = st.integers(3, 120)


@settings(deadline=None)
@given(train=sizes, test=sizes, data=st.data())
def test_splits_are_disjoint_in_order_and_complete(train, test, data):
    val = data.draw(st.none() | st.integers(1, train - 1))
    limit = data.draw(st.none() | st.integers(1, 2 * train))
    test_limit = data.draw(st.none() | st.integers(1, 2 * test))
    found = load_raw(numbered(train, test), val=val, limit=limit, test_limit=test_limit)
    pixels = {name: split.x.ravel().tolist() for name, split in found.splits.items()}
    held_out = val or max(1, train // 6)
    assert pixels["val"] == list(range(train - held_out, train))
    assert pixels["train"] == list(range(min(limit or train, train - held_out)))
    assert pixels["test"] == list(range(train, train + min(test_limit or test, test)))
    for name, split in found.splits.items():
        assert split.y.tolist() == [pixel % 3 for pixel in pixels[name]]


@settings(deadline=None, max_examples=40)
@given(train=st.integers(10, 60), test=st.integers(5, 60), val=st.integers(1, 4), limit=st.integers(1, 5))
def test_the_digest_tells_data_apart_and_nothing_else(train, test, val, limit):
    raw = numbered(train, test)
    plain = load_raw(raw, val=val)
    assert plain.digest == load_raw(numbered(train, test), val=val).digest
    others = [
        load_raw(raw, val=val + 1),
        load_raw(raw, val=val, limit=limit),
        load_raw(raw, val=val, test_limit=test - 1),
        load_raw(raw, val=val, normalise="standard"),
        load_raw(attrs.evolve(raw, test_y=(raw.test_y + 1) % 3), val=val),
        load_raw(attrs.evolve(raw, train_x=raw.train_x ^ 1), val=val),
        load_raw(attrs.evolve(raw, classes=raw.classes[::-1]), val=val),
        load_raw(attrs.evolve(raw, notes=("one image was damaged",)), val=val),
    ]
    digests = [plain.digest, *(other.digest for other in others)]
    assert len(set(digests)) == len(digests)


def test_val_that_leaves_nothing_is_refused():
    with pytest.raises(DataError, match="val = 10 leaves no training items"):
        load_raw(numbered(10, 5), val=10)


def test_an_unknown_split_is_named():
    with pytest.raises(DataError, match="did you mean: val"):
        load(name="digits").split("vall")


def test_an_unknown_data_set_is_named():
    with pytest.raises(DataError, match="did you mean: cifar10"):
        load(name="cifar-10")


def test_digits_need_no_file():
    data = load(name="digits")
    assert (data.shape, len(data.classes)) == ((1, 8, 8), 10)
    assert [len(data.split(name)) for name in ("train", "val", "test")] == [1187, 250, 360]
    assert (data.split("train").x.min(), data.split("train").x.max()) == (0, 255)
    for split in data.splits.values():  # shuffled: every class is in every part
        assert set(split.y.tolist()) == set(range(10))


# normalisation --------------------------------------------------------------------------------------------------------


channels = st.lists(st.tuples(st.floats(-1, 1), st.floats(0.05, 2)), min_size=1, max_size=4)


@settings(deadline=None)
@given(channels=channels, seed=st.integers(0, 99))
def test_normalisation_can_be_undone(channels, seed):
    normalisation = Normalisation(*map(tuple, zip(*channels, strict=True)))
    x = np.random.default_rng(seed).integers(0, 256, (3, len(channels), 4, 5), np.uint8)
    normalised = normalisation.apply(x)
    assert normalised.dtype == np.float32
    mean, std = (np.asarray(values)[:, None, None] for values in (normalisation.mean, normalisation.std))
    np.testing.assert_array_equal(np.rint((normalised * std + mean) * 255), x)


@given(channels=channels)
def test_a_model_remembers_its_normalisation(channels):
    normalisation = Normalisation(*map(tuple, zip(*channels, strict=True)))
    model = onnx.ModelProto()
    assert recorded(model) is None
    record(model, Normalisation((0.0,), (1.0,)))
    record(model, normalisation)
    assert recorded(onnx.ModelProto.FromString(model.SerializeToString())) == normalisation
    assert len(model.metadata_props) == 1


def test_unit_and_standard():
    grey = load(name="digits", normalise="standard")
    x = grey.normalisation.apply(grey.split("train").x)
    assert (x.mean(), x.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    assert load(name="digits").normalisation == Normalisation((0.0,), (1.0,))
    assert load(name="digits").normalisation.apply(np.full((1, 1, 1, 1), 255, np.uint8)).item() == 1


def test_colour_images_are_standardised_unless_told_otherwise(tmp_path):
    folder = Images(shape=(3, 32, 32)).write_cifar_binary(tmp_path / "set")
    assert load(name="cifar10", path=folder, val=10).normalisation.mean == (0.4914, 0.4822, 0.4465)
    assert load(name="cifar10", path=folder, val=10, normalise="unit").normalisation.mean == (0.0, 0.0, 0.0)


# where ----------------------------------------------------------------------------------------------------------------


def test_the_variable_names_folders(tmp_path, monkeypatch):
    images = Images()
    images.write_idx(tmp_path / "b" / "mnist", zipped=False)
    monkeypatch.setenv("DRAWPLATE_DATA", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    assert available("mnist")
    assert len(load(name="mnist", val=10).split("train")) == 50


@pytest.mark.parametrize("name", ["mnist", "cifar10", "cifar100"])
def test_absent_data_say_where_they_were_looked_for(name, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAWPLATE_DATA", str(tmp_path / "nothing"))
    assert not available(name)
    with pytest.raises(DataError) as caught:
        load(name=name, download=False)
    message = caught.value.message
    assert str(tmp_path / "nothing") in message
    assert "DRAWPLATE_DATA" in message
    assert f"data {name}" in message


@pytest.mark.parametrize("name", ["npz", "folder"])
def test_own_data_need_a_path(name, tmp_path):
    with pytest.raises(DataError, match="has no path"):
        load(name=name)
    with pytest.raises(DataError, match=r"is not a|No such file"):
        load(name=name, path=tmp_path / "absent")


PUBLISHED = {
    "digits": "e9e306138ff7f2a8d2e272c8d7cf5f84fe606be154193cd8e209badb502e5639",
    "mnist": "c09cd45e1d054afeee14fb0292c01b4315427e2ceea70c0b4d2c061b3334af44",
    "fashion-mnist": "edfd083ebb24e0f7378a36e22ebd03be1a5c55c859af32a454499344387c3d62",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_digests_of_published_sets_stay_what_they_are(name):
    """A key of a result holds them: another digest computes everything anew."""
    if not available(name):
        pytest.skip(f"{name} is not found")
    found = load(name=name, download=False)
    assert found.digest == PUBLISHED[name]
    assert found.notes == ()


def test_classes_that_a_limit_leaves_without_items_are_said():
    assert any(note.startswith("no training item of class '") for note in load(name="digits", limit=5).notes)
