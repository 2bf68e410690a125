# SPDX-License-Identifier: Apache-2.0
"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009)."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from drawplate.data.download import RemoteFile
from drawplate.data.find import first_with, has
from drawplate.data.formats import read_cifar_binary, read_cifar_pickle, read_tile_sheet
from drawplate.data.model import DatasetReader, Raw
from drawplate.data.normalisation import Normalisation
from drawplate.data.npy import read_npz
from drawplate.errors import DataError

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
# Per-channel statistics of the 50,000 training images.  CIFAR-100: RepDistiller, dataset/cifar100.py.
CIFAR10_STANDARD = Normalisation((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
CIFAR100_STANDARD = Normalisation((0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761))

Layouts = dict[str, tuple[str, ...]]
# SHA-256 of the archives: torchvision, prototype/datasets/_builtin/cifar.py; Keras has the same, src/datasets.
ARCHIVES = {
    "cifar10": "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    "cifar100": "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
}
BATCHES = tuple(f"data_batch_{i}" for i in range(1, 6))


def cifar10() -> DatasetReader:
    """CIFAR-10, split 45,000 / 5,000 / 10,000."""
    layouts: Layouts = {
        "binary": (*(f"{name}.bin" for name in BATCHES), "test_batch.bin"),
        "pickle": (*BATCHES, "test_batch"),
        "sheet": ("cifar10_full_q95.jpg", "cifar10_labels.npz"),
    }
    return _reader("cifar10", "CIFAR-10, 32x32 colour images", layouts, CIFAR10_STANDARD)


def cifar100() -> DatasetReader:
    """CIFAR-100 with its 100 fine classes, split 45,000 / 5,000 / 10,000."""
    layouts: Layouts = {
        "binary": ("train.bin", "test.bin"),
        "pickle": ("train", "test"),
        "sheet": ("cifar100_full_q95.jpg", "cifar100_labels.npz"),
    }
    return _reader("cifar100", "CIFAR-100, 32x32 colour images", layouts, CIFAR100_STANDARD)


def _reader(name: str, summary: str, layouts: Layouts, standard: Normalisation) -> DatasetReader:
    subfolders = [f"{name.replace('cifar', 'cifar-')}-batches-{kind}" for kind in ("bin", "py")]
    subfolders += [f"{name.replace('cifar', 'cifar-')}-{kind}" for kind in ("binary", "python")]
    nested = [tuple(f"{sub}/{file}" for file in files) for sub in subfolders for files in layouts.values()]

    def find(given: Path | None) -> Path:
        found = first_with(name, given, [*layouts.values(), *nested])
        inner = (found / sub for sub in subfolders)
        return next((sub for sub in inner if any(has(sub, files) for files in layouts.values())), found)

    def read(folder: Path) -> Raw:
        kind = next(kind for kind, files in layouts.items() if has(folder, files))
        return _READERS[kind](folder, layouts[kind], name)

    return DatasetReader(
        name=name,
        summary=summary,
        find=find,
        read=read,
        validation=5000,
        standard=standard,
        normalise="standard",
        remote=(_archive(name, layouts["pickle"]),),
    )


def _archive(name: str, files: tuple[str, ...]) -> RemoteFile:
    dashed, inner = name.replace("cifar", "cifar-"), "cifar-10-batches-py" if name == "cifar10" else "cifar-100-python"
    return RemoteFile(
        url=f"https://www.cs.toronto.edu/~kriz/{dashed}-python.tar.gz",
        sha256=ARCHIVES[name],
        members=tuple(f"{inner}/{file}" for file in files),
    )


def _classes(name: str) -> tuple[str, ...]:
    return CIFAR10_CLASSES if name == "cifar10" else tuple(f"class {i}" for i in range(100))


def _read_binary(folder: Path, files: tuple[str, ...], name: str) -> Raw:
    label_bytes = 1 if name == "cifar10" else 2
    train = read_cifar_binary([folder / file for file in files[:-1]], label_bytes)
    test = read_cifar_binary([folder / files[-1]], label_bytes)
    return _raw(train, test, name)


def _read_pickle(folder: Path, files: tuple[str, ...], name: str) -> Raw:
    import numpy as np

    def batch(file: str) -> tuple[Any, Any]:
        try:
            with (folder / file).open("rb") as opened:
                found = read_cifar_pickle(opened)
        except (pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
            raise DataError(f"is damaged: {error}", where=str(folder / file)) from error
        labels = found.get(b"labels", found.get(b"fine_labels"))
        return np.asarray(found[b"data"], np.uint8).reshape(-1, 3, 32, 32), np.asarray(labels)

    batches = [batch(file) for file in files]
    images, labels = (np.concatenate(parts) for parts in zip(*batches[:-1], strict=True))
    return _raw((images, labels), batches[-1], name)


def _read_sheet(folder: Path, files: tuple[str, ...], name: str) -> Raw:
    images, labels = read_tile_sheet(folder / files[0]), read_npz(folder / files[1])
    count = len(labels["y_train"])
    notes = ("lossy copy of the images (JPEG, quality 95): accuracies differ from those on the originals",)
    tested = count + len(labels["y_test"])
    return _raw((images[:count], labels["y_train"]), (images[count:tested], labels["y_test"]), name, notes)


def _raw(train: tuple[Any, Any], test: tuple[Any, Any], name: str, notes: tuple[str, ...] = ()) -> Raw:
    import numpy as np

    return Raw(
        train_x=train[0],
        train_y=np.asarray(train[1], np.int64),
        test_x=test[0],
        test_y=np.asarray(test[1], np.int64),
        classes=_classes(name),
        notes=notes,
    )


_READERS = {"binary": _read_binary, "pickle": _read_pickle, "sheet": _read_sheet}
