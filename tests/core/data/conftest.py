# SPDX-License-Identifier: Apache-2.0
"""Small data sets in the official file formats."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

from drawplate.data import DataOptions, Dataset, load_dataset
from drawplate.data.hooks import datasets

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def load(**options) -> Dataset:
    return load_dataset(DataOptions(**{key: str(v) if key == "path" else v for key, v in options.items()}), datasets())


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAWPLATE_CACHE", str(tmp_path / "cache"))


class Images:
    """Random images and labels."""

    def __init__(self, shape=(28, 28), train=60, test=20, classes=10, seed=0):
        random = np.random.default_rng(seed)
        self.x_train = random.integers(0, 256, (train, *shape), np.uint8)
        self.y_train = (np.arange(train) % classes).astype(np.uint8)
        self.x_test = random.integers(0, 256, (test, *shape), np.uint8)
        self.y_test = (np.arange(test) % classes).astype(np.uint8)

    @property
    def parts(self):
        return self.x_train, self.y_train, self.x_test, self.y_test

    def write_npz(self, path: Path) -> Path:
        np.savez(path, **vars(self))
        return path

    def write_idx(self, folder: Path, *, zipped: bool, dotted: bool = False) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in zip(IDX, self.parts, strict=True):
            file = folder / (name.replace("-idx", ".idx") if dotted else name)
            data = idx_bytes(array)
            if zipped:
                file.with_name(file.name + ".gz").write_bytes(gzip.compress(data))
            else:
                file.write_bytes(data)
        return folder

    def write_cifar_binary(self, folder: Path, hundred: bool = False) -> Path:
        folder.mkdir(parents=True)
        names = ["train.bin"] if hundred else [f"data_batch_{i}.bin" for i in range(1, 6)]
        for name, x, y in _batches(self, names, "test.bin" if hundred else "test_batch.bin"):
            labels = [y[:, None] // 5, y[:, None]] if hundred else [y[:, None]]
            (folder / name).write_bytes(np.concatenate([*labels, x.reshape(len(x), -1)], axis=1).tobytes())
        return folder

    def write_cifar_pickle(self, folder: Path, hundred: bool = False) -> Path:
        folder.mkdir(parents=True)
        names = ["train"] if hundred else [f"data_batch_{i}" for i in range(1, 6)]
        key = b"fine_labels" if hundred else b"labels"
        for name, x, y in _batches(self, names, "test" if hundred else "test_batch"):
            data = pickle.dumps({b"data": x.reshape(len(x), -1), key: y.tolist()}, protocol=2)
            (folder / name).write_bytes(data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
        return folder


def _batches(images: Images, names, test):
    parts = zip(np.array_split(images.x_train, len(names)), np.array_split(images.y_train, len(names)), strict=True)
    for name, (x, y) in zip(names, parts, strict=True):
        yield name, x, y
    yield test, images.x_test, images.y_test


def idx_bytes(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()
