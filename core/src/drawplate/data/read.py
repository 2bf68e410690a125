# SPDX-License-Identifier: Apache-2.0
"""From a ``[data]`` table to a data set."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.data.download import download
from drawplate.data.model import Dataset, DatasetReader, Normalisation, Raw, Split
from drawplate.data.options import DataOptions
from drawplate.errors import DataError, DrawplateError, nearest
from drawplate.options import read_options
from drawplate.task.kinds import task_named

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def read_data_table(table: Mapping[str, Any] | None, readers: Mapping[str, DatasetReader]) -> Dataset:
    """Load what a ``[data]`` table asks for.

    Raises:
        FlowError: when the table is wrong.
        DataError: when the data are not to be found, or are damaged.
    """
    if table is None:
        raise DataError("the flow names no data", hint='add [data] with name = "digits"')
    return load_dataset(read_options(DataOptions, table, "[data]"), readers)


def load_dataset(options: DataOptions, readers: Mapping[str, DatasetReader]) -> Dataset:
    """Find, read, check and split a data set."""
    if options.name not in readers:
        raise DataError(
            f"there is no data set {options.name!r}",
            where="[data]",
            allowed=sorted(readers),
            meant=nearest(options.name, readers),
        )
    reader = readers[options.name]
    where = f"data {reader.name}"
    try:
        found = _find(reader, options)
        raw = reader.read(found)
    except DrawplateError as error:
        raise error.at(where) from error
    except Exception as error:  # whatever a damaged file makes a decoder raise
        raise DataError(f"cannot be read: {type(error).__name__}: {error}", where=f"{where}, {found}") from error
    _check(raw, where)
    return _split(raw, reader, options)


def _find(reader: DatasetReader, options: DataOptions) -> Path:
    try:
        return reader.find(Path(options.path) if options.path else None)
    except DataError as absent:
        if options.path or not options.download or not reader.remote:
            raise
        try:
            download(reader.name, reader.remote)
        except DataError as error:
            raise DataError(
                f"{absent.what}, and {error.what}", where=absent.where, allowed=absent.allowed, hint=absent.hint
            ) from error
    return reader.find(None)


def locate(reader: DatasetReader) -> Path:
    """Say where a data set lies; raises DataError where it is not found."""
    return reader.find(None)


def available(name: str) -> bool:
    """Whether an installed reader finds its data set."""
    from drawplate.plugins import contributions

    reader = contributions("datasets").get(name)
    try:
        return reader is not None and bool(locate(reader))
    except DataError:
        return False


def _check(raw: Raw, where: str) -> None:
    for part, x, y in (("train", raw.train_x, raw.train_y), ("test", raw.test_x, raw.test_y)):
        if x.ndim != 4 or x.dtype.name != "uint8" or len(x) != len(y) or not len(x):
            raise DataError(
                f"{part}: images {x.dtype} {x.shape}, labels {y.shape}",
                where=where,
                allowed="uint8 (N, C, H, W) and N labels",
            )
        if y.min() < 0 or y.max() >= len(raw.classes):
            raise DataError(
                f"{part}: labels from {y.min()} to {y.max()}", where=where, allowed=f"0 to {len(raw.classes) - 1}"
            )
    if raw.train_x.shape[1:] != raw.test_x.shape[1:]:
        raise DataError(f"training images are {raw.train_x.shape[1:]}, test images {raw.test_x.shape[1:]}", where=where)


def _split(raw: Raw, reader: DatasetReader, options: DataOptions) -> Dataset:
    held_out = options.val or reader.validation or max(1, len(raw.train_x) // 6)
    trainable = len(raw.train_x) - held_out
    if trainable < 1:
        raise DataError(
            f"val = {held_out} leaves no training images",
            where=f"data {reader.name}",
            allowed=f"1 to {len(raw.train_x) - 1}",
        )
    used = min(options.limit or trainable, trainable)
    tested = min(options.test_limit or len(raw.test_x), len(raw.test_x))
    splits = {
        "train": Split(name="train", x=raw.train_x[:used], y=raw.train_y[:used]),
        "val": Split(name="val", x=raw.train_x[trainable:], y=raw.train_y[trainable:]),
        "test": Split(name="test", x=raw.test_x[:tested], y=raw.test_y[:tested]),
    }
    channels, height, width = raw.train_x.shape[1:]
    normalisation = _normalisation(options.normalise or reader.normalise, reader, splits["train"].x)
    return Dataset(
        name=reader.name,
        classes=raw.classes,
        shape=(channels, height, width),
        normalisation=normalisation,
        digest=_digest(splits, (raw.classes, normalisation.mean, normalisation.std, raw.notes, *_beside(options))),
        splits=splits,
        notes=raw.notes,
        task=task_named(options.task or "classification"),
    )


def _beside(options: DataOptions) -> tuple[str, ...]:
    """What else decides results: the task, where the flow names one."""
    return (options.task,) if options.task else ()


def _normalisation(kind: str, reader: DatasetReader, x: NDArray[np.uint8]) -> Normalisation:
    channels = x.shape[1]
    if kind == "unit":
        return Normalisation((0.0,) * channels, (1.0,) * channels)
    if reader.standard:
        return reader.standard
    mean = x.mean(axis=(0, 2, 3)) / 255
    std = x.std(axis=(0, 2, 3)) / 255
    return Normalisation(tuple(map(float, mean)), tuple(float(value) or 1.0 for value in std))


def _digest(splits: Mapping[str, Split], beside: tuple[object, ...]) -> str:
    """Digest of all that a step may see, so that the reader's code need not be part of a result's key."""
    import numpy as np

    sha = hashlib.sha256(repr(beside).encode())
    for name, split in splits.items():
        sha.update(f"{name} {split.x.shape}".encode())
        sha.update(np.ascontiguousarray(split.x).data)
        sha.update(split.y.tobytes())
    return sha.hexdigest()
