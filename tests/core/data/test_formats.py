# SPDX-License-Identifier: Apache-2.0
"""Every layout gives the same pixels and labels; damaged files give one DataError."""

from __future__ import annotations

import gzip
import io
import os
import pickle

import numpy as np
import pytest

from drawplate.data.formats import channels_first, read_cifar_pickle
from drawplate.errors import DataError

from .conftest import IDX, Images, idx_bytes, load

SMALL = {"val": 10}


def check(data, images, shape):
    channels_last = images.x_train.ndim == 4 and images.x_train.shape[-1] == 3
    expected = images.x_train.transpose(0, 3, 1, 2) if channels_last else images.x_train.reshape(-1, *shape)
    assert data.shape == shape
    np.testing.assert_array_equal(np.concatenate([data.split("train").x, data.split("val").x]), expected)
    np.testing.assert_array_equal(np.concatenate([data.split("train").y, data.split("val").y]), images.y_train)
    np.testing.assert_array_equal(data.split("test").y, images.y_test)
    for split in data.splits.values():
        assert (split.x.dtype, split.y.dtype) == (np.uint8, np.int64)


@pytest.mark.parametrize(("zipped", "dotted"), [(True, False), (False, False), (True, True), (False, True)])
@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_idx(name, zipped, dotted, tmp_path):
    images = Images()
    folder = images.write_idx(tmp_path / "set", zipped=zipped, dotted=dotted)
    check(load(name=name, path=folder, **SMALL), images, (1, 28, 28))


def test_idx_and_npz_have_one_digest(tmp_path):
    images = Images()
    images.write_npz(tmp_path / "mnist.npz")
    assert (
        load(name="mnist", path=tmp_path, **SMALL).digest
        == load(name="mnist", path=images.write_idx(tmp_path / "idx", zipped=True), **SMALL).digest
    )


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
@pytest.mark.parametrize("kind", ["binary", "pickle"])
def test_cifar(name, kind, tmp_path):
    images = Images(shape=(3, 32, 32), classes=10 if name == "cifar10" else 100, train=100)
    write = images.write_cifar_binary if kind == "binary" else images.write_cifar_pickle
    folder = write(tmp_path / "set", hundred=name == "cifar100")
    data = load(name=name, path=folder, **SMALL)
    check(data, images, (3, 32, 32))
    assert len(data.classes) == (10 if name == "cifar10" else 100)
    assert not any("lossy" in note for note in data.notes)


@pytest.mark.parametrize("folder", ["cifar-10-batches-py", "cifar-10-batches-bin"])
def test_cifar_is_found_in_the_folder_of_its_archive(folder, tmp_path, monkeypatch):
    images = Images(shape=(3, 32, 32))
    write = images.write_cifar_pickle if folder.endswith("py") else images.write_cifar_binary
    write(tmp_path / folder)
    monkeypatch.setenv("DRAWPLATE_DATA", str(tmp_path))
    check(load(name="cifar10", **SMALL), images, (3, 32, 32))


def test_a_tile_sheet_says_that_it_is_lossy_and_is_decoded_once(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    images = Images(shape=(32, 32, 3), train=50, test=14)
    for array in (images.x_train, images.x_test):  # one grey per tile survives a JPEG; a tile out of place does not
        array[:] = array[:, :1, :1, :1]
    tiles = np.concatenate([images.x_train, images.x_test]).reshape(8, 8, 32, 32, 3).swapaxes(1, 2)
    image_module.fromarray(tiles.reshape(256, 256, 3)).save(tmp_path / "cifar10_full_q95.jpg", quality=95)
    np.savez(tmp_path / "cifar10_labels.npz", y_train=images.y_train, y_test=images.y_test)
    first = load(name="cifar10", path=tmp_path, **SMALL)
    assert "lossy" in first.notes[0]
    for split, expected in (("train", images.x_train[:40]), ("val", images.x_train[40:]), ("test", images.x_test)):
        difference = first.split(split).x.astype(int) - expected.transpose(0, 3, 1, 2)
        assert np.abs(difference).max() <= 3
    (decoded,) = (tmp_path / "cache" / "decoded").glob("*.npy")
    before = decoded.stat().st_mtime_ns
    assert load(name="cifar10", path=tmp_path, **SMALL) == first
    assert decoded.stat().st_mtime_ns == before


@pytest.mark.parametrize("last", [True, False])
def test_own_npz_in_either_channel_order(last, tmp_path):
    images = Images(shape=(9, 7, 3) if last else (3, 9, 7), classes=4)
    path = images.write_npz(tmp_path / "own.npz")
    data = load(name="npz", path=path, shuffle=False, **SMALL)
    check(data, images, (3, 9, 7))
    assert data.classes == ("0", "1", "2", "3")


def test_own_folder_of_pictures(tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    for part, count in (("train", 12), ("test", 3)):
        for label, name in enumerate(("cat", "dog")):
            (tmp_path / part / name).mkdir(parents=True)
            for i in range(count):
                pixels = np.full((6, 5, 3), 100 * label + i, np.uint8)
                image_module.fromarray(pixels).save(tmp_path / part / name / f"{i:02}.png")
    data = load(name="folder", path=tmp_path, val=4)
    assert (data.classes, data.shape) == (("cat", "dog"), (3, 6, 5))
    assert [len(data.split(name)) for name in ("train", "val", "test")] == [20, 4, 6]
    for split in data.splits.values():
        np.testing.assert_array_equal(split.x[:, 0, 0, 0] >= 100, split.y == 1)
    undivided = load(name="folder", path=tmp_path / "train")
    assert sum(len(split) for split in undivided.splits.values()) == 24


def test_channels_first_refuses_what_is_no_image():
    for wrong in (np.zeros((2, 3, 3)), np.zeros((4,), np.uint8), np.zeros((1, 2, 3, 4, 5), np.uint8)):
        with pytest.raises(DataError, match="images are"):
            channels_first(wrong)


# damaged and hostile files --------------------------------------------------------------------------------------------


def break_gzip(folder):
    file = folder / f"{IDX[0]}.gz"
    file.write_bytes(file.read_bytes()[:-50])


def lie_about_the_shape(folder):
    (folder / f"{IDX[0]}.gz").write_bytes(gzip.compress(b"\0\0\x08\3" + b"\xff" * 12 + b"\0" * 100))


def no_idx(folder):
    (folder / f"{IDX[0]}.gz").write_bytes(gzip.compress(b"hello, world"))


def fewer_labels(folder):
    (folder / f"{IDX[1]}.gz").write_bytes(gzip.compress(idx_bytes(np.zeros(3, np.uint8))))


def label_out_of_range(folder):
    (folder / f"{IDX[1]}.gz").write_bytes(gzip.compress(idx_bytes(np.full(60, 10, np.uint8))))


@pytest.mark.parametrize("damage", [break_gzip, lie_about_the_shape, no_idx, fewer_labels, label_out_of_range])
def test_damaged_idx(damage, tmp_path):
    folder = Images().write_idx(tmp_path / "set", zipped=True)
    damage(folder)
    with pytest.raises(DataError, match="data mnist"):
        load(name="mnist", path=folder, **SMALL)


def test_damaged_cifar(tmp_path):
    binary = Images(shape=(3, 32, 32)).write_cifar_binary(tmp_path / "binary")
    file = binary / "data_batch_3.bin"
    file.write_bytes(file.read_bytes()[:-1])
    pickled = Images(shape=(3, 32, 32)).write_cifar_pickle(tmp_path / "pickle")
    file = pickled / "data_batch_3"
    file.write_bytes(file.read_bytes()[:-20])
    for folder in (binary, pickled):
        with pytest.raises(DataError, match="is damaged"):
            load(name="cifar10", path=folder, **SMALL)


class Evil:
    """Unpickled without care, it makes a file."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "make", [lambda f: (os.system, (f"touch {f}",)), lambda f: (eval, (f"open({str(f)!r}, 'w')",))]
)
def test_a_pickle_that_would_run_something_is_refused(make, protocol, tmp_path):
    victim = tmp_path / "victim"
    data = pickle.dumps({b"data": Evil(*make(victim)), b"labels": []}, protocol)
    with pytest.raises(DataError, match="wants to call"):
        read_cifar_pickle(io.BytesIO(data))
    assert not victim.exists()
    with pytest.raises(BaseException):  # noqa: B017, PT011 - the same bytes do act where nobody looks
        pickle.loads(data)["labels"]
    assert victim.exists()


def test_a_malicious_cifar_batch_is_one_error(tmp_path):
    folder = Images(shape=(3, 32, 32)).write_cifar_pickle(tmp_path / "set")
    (folder / "test_batch").write_bytes(pickle.dumps(Evil(os.system, (f"touch {tmp_path / 'victim'}",))))
    with pytest.raises(DataError, match=r"wants to call .*system"):
        load(name="cifar10", path=folder, **SMALL)
    assert not (tmp_path / "victim").exists()


def test_an_npz_with_objects_is_refused(tmp_path):
    path = tmp_path / "own.npz"
    np.savez(path, x_train=np.asarray([Evil(os.system, ("true",))], object), y_train=[0], x_test=[0], y_test=[0])
    with pytest.raises(DataError, match="array x_train: holds Python objects"):
        load(name="npz", path=path)


@pytest.mark.parametrize("missing", ["x_train", "y_test"])
def test_an_npz_without_an_array_is_refused(missing, tmp_path):
    arrays = vars(Images())
    del arrays[missing]
    np.savez(tmp_path / "own.npz", **arrays)
    with pytest.raises(DataError, match=f"has no array {missing}"):
        load(name="npz", path=tmp_path / "own.npz")
