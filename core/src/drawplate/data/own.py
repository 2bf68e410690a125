# SPDX-License-Identifier: Apache-2.0
"""A user's own images: an .npz file, or a folder with one subfolder per class."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from drawplate.data.formats import channels_first, read_npz
from drawplate.data.items import pictures_first
from drawplate.data.model import DatasetReader, Raw
from drawplate.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ARRAYS = ("x_train", "y_train", "x_test", "y_test")
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"})


def npz() -> DatasetReader:
    """An .npz file with x_train, y_train, x_test, y_test."""
    return DatasetReader(
        name="npz",
        summary="your own .npz with x_train, y_train, x_test, y_test",
        find=_find_file,
        read=_read_npz,
        given=True,
    )


def folder() -> DatasetReader:
    """``train/CLASS/*.png`` and ``test/CLASS/*.png``; without them every sixth image is a test image."""
    return DatasetReader(
        name="folder", summary="your own images, one folder per class", find=_find_folder, read=_read_folder, given=True
    )


def _find_file(given: Path | None) -> Path:
    if given is None or not given.is_file():
        raise DataError("is not a file" if given else "has no path", where=str(given or ""), hint="set path in [data]")
    return given


def _find_folder(given: Path | None) -> Path:
    if given is None or not given.is_dir():
        raise DataError(
            "is not a folder" if given else "has no path", where=str(given or ""), hint="set path in [data]"
        )
    return given


def _read_npz(path: Path) -> Raw:
    arrays = read_npz(path)
    missing = [name for name in ARRAYS if name not in arrays]
    if missing:
        raise DataError(f"has no array {', '.join(missing)}", where=str(path), allowed=ARRAYS)
    return Raw(
        train_x=pictures_first(arrays["x_train"]),
        train_y=arrays["y_train"],
        test_x=pictures_first(arrays["x_test"]),
        test_y=arrays["y_test"],
    )


def _read_folder(path: Path) -> Raw:
    import numpy as np

    split = (path / "train").is_dir() and (path / "test").is_dir()
    root = path / "train" if split else path
    classes = tuple(sorted(entry.name for entry in root.iterdir() if entry.is_dir()))
    if len(classes) < 2:
        raise DataError(f"has {len(classes)} class folders", where=str(root), allowed="at least 2, one per class")
    x, y = _read_pictures(root, classes)
    if split:
        test_x, test_y = _read_pictures(path / "test", classes)
        return Raw(train_x=x, train_y=y, test_x=test_x, test_y=test_y, classes=classes)
    order = np.random.default_rng(0).permutation(len(x))
    test, train = order[::6], np.setdiff1d(order, order[::6], assume_unique=True)
    return Raw(train_x=x[train], train_y=y[train], test_x=x[test], test_y=y[test], classes=classes)


def _read_pictures(root: Path, classes: tuple[str, ...]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    import numpy as np
    from PIL import Image

    images, labels, first = [], [], None
    for label, name in enumerate(classes):
        for file in sorted((root / name).glob("*")):
            if file.suffix.lower() not in PICTURES:
                continue
            with Image.open(file) as image:
                pixels = np.asarray(image.convert("L" if image.mode in ("1", "L", "I;16") else "RGB"))
            first = first or (pixels.shape, file)
            if pixels.shape != first[0]:
                raise DataError(
                    f"is {pixels.shape}, but {first[1]} is {first[0]}", where=str(file), hint="resize them first"
                )
            images.append(pixels)
            labels.append(label)
    if not images:
        raise DataError("has no pictures", where=str(root), allowed=sorted(PICTURES))
    x, y = channels_first(np.stack(images)), np.asarray(labels, np.int64)
    order = np.random.default_rng(0).permutation(len(x))  # files come class by class
    return x[order], y[order]
