# SPDX-License-Identifier: Apache-2.0
"""A user's own arrays: an .npz file, or a folder of .npy files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.data.model import DatasetReader, Raw
from drawplate.data.npy import read_npy, read_npz
from drawplate.data.safe import file_size
from drawplate.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]

NAMES = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test", "x", "y")
ALLOWED = "x_train, y_train, x_test, y_test, and x_val, y_val where you have them; or x and y"
SIXTH = 6


def npz() -> DatasetReader:
    """An .npz file, or a folder of .npy files, with x_train, y_train, x_test, y_test, or with x and y."""
    return DatasetReader(
        name="npz",
        summary="your own .npz with x_train, y_train, x_test, y_test, of any shape",
        find=_find,
        read=_read,
        given=True,
    )


def _find(given: Path | None) -> Path:
    if given is None:
        raise DataError("has no path", hint="set path in [data]")
    if not given.is_dir():
        file_size(given)
    return given


def _read(path: Path) -> Raw:
    # sklearn's users write X_train.
    known = {spelt for name in NAMES for spelt in (name, name.replace("x", "X", 1))}
    if path.is_dir():
        found = {file.stem: read_npy(file) for file in sorted(path.glob("*.npy")) if file.stem in known}
    else:
        found = read_npz(path, known)
    arrays = {name.lower(): array for name, array in found.items()}
    if "x" in arrays and "x_train" not in arrays:
        return _undivided(arrays, path)
    needed = {"x_train", "x_test"}
    if "y_train" in arrays:
        needed |= {f"y{name[1:]}" for name in arrays if name.startswith("x")}
    missing = sorted(needed - set(arrays))
    if missing:
        raise DataError(f"has no array {', '.join(missing)}", where=str(path), allowed=ALLOWED)
    return _divided(arrays, path)


def _divided(arrays: Arrays, path: Path) -> Raw:
    import numpy as np

    x, y = arrays["x_train"], arrays.get("y_train")
    held_out = arrays.get("x_val")
    if held_out is None:
        return Raw(train_x=x, train_y=y, test_x=arrays["x_test"], test_y=arrays.get("y_test"))
    for name, train, val in (("x_val", x, held_out), ("y_val", y, arrays.get("y_val"))):
        if train is not None and val is not None and (train.shape[1:] != val.shape[1:] or train.dtype != val.dtype):
            raise DataError(
                f"is {val.dtype} {val.shape}",
                where=f"{path}, array {name}",
                allowed=f"{train.dtype} (N, ...) as {name.replace('val', 'train')} is, {train.shape}",
            )
    for name in ("train", "val"):
        targets = arrays.get(f"y_{name}")
        items = arrays[f"x_{name}"]
        if targets is not None and targets.shape[:1] != items.shape[:1]:
            raise DataError(f"is {targets.shape} for items {items.shape}", where=f"{path}, array y_{name}")
    return Raw(
        train_x=np.concatenate([x, held_out]),
        train_y=None if y is None else np.concatenate([y, arrays["y_val"]]),
        test_x=arrays["x_test"],
        test_y=arrays.get("y_test"),
        validation=len(held_out),
    )


def _undivided(arrays: Arrays, path: Path) -> Raw:
    x, y = arrays["x"], arrays.get("y")
    if y is not None and y.shape[:1] != x.shape[:1]:
        raise DataError(
            f"is {y.shape}, and x {x.shape}", where=f"{path}, array y", allowed="as many entries along the first axis"
        )
    train, test = every_sixth(len(x) if x.ndim else 0)
    return Raw(
        train_x=x[train],
        train_y=None if y is None else y[train],
        test_x=x[test],
        test_y=None if y is None else y[test],
        train_at=train,
        test_at=test,
        notes=("every sixth item, drawn at random, is a test item: the file holds none",),
    )


def every_sixth(count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return where training and test items stand, of data that are not divided: the same for the same count."""
    import numpy as np

    order = np.random.default_rng(0).permutation(count)
    test = np.sort(order[::SIXTH])
    return np.setdiff1d(order, test, assume_unique=True), test
