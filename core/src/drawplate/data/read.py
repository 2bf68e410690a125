# SPDX-License-Identifier: Apache-2.0
"""From a ``[data]`` table to a data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from drawplate.data.arrange import digest, divide, shuffled
from drawplate.data.download import download
from drawplate.data.items import real_values, shaped
from drawplate.data.labels import check_test_labels, class_labels, class_names
from drawplate.data.model import Dataset, DatasetReader, Raw
from drawplate.data.normalisation import BYTES
from drawplate.data.options import DataOptions
from drawplate.data.statistics import find_normalisation
from drawplate.errors import DataError, DrawplateError, nearest
from drawplate.options import read_options
from drawplate.task.kinds import task_named


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
    return _arranged(_checked(raw, options, where), reader, options)


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


def _checked(raw: Raw, options: DataOptions, where: str) -> Raw:
    """Bring items and labels to the shapes and types that everything else relies on."""
    parts: dict[str, Any] = {}
    for part, x, y in (("train", raw.train_x, raw.train_y), ("test", raw.test_x, raw.test_y)):
        items = shaped(real_values(x, f"{where}, {part} items"), options.shape, f"{where}, {part} items")
        parts |= {f"{part}_x": items, f"{part}_y": class_labels(y, len(items), f"{where}, {part} labels")}
    shapes = [parts[f"{part}_x"].shape[1:] for part in ("train", "test")]
    if shapes[0] != shapes[1]:
        raise DataError(f"training items are {list(shapes[0])}, test items {list(shapes[1])}", where=where)
    kinds = [parts[f"{part}_x"].dtype for part in ("train", "test")]
    if kinds[0] != kinds[1]:
        raise DataError(f"training items are {kinds[0]}, test items {kinds[1]}", where=where, allowed="one type")
    names = class_names(options.classes, raw.classes, parts["train_y"], f"{where}, train labels")
    check_test_labels(parts["train_y"], parts["test_y"], names, where)
    return evolve(raw, classes=names, **parts)


def _arranged(raw: Raw, reader: DatasetReader, options: DataOptions) -> Dataset:
    if reader.given and options.shuffle:
        raw = shuffled(raw, options.seed)
    splits = divide(raw, reader, options)
    normalisation = find_normalisation(options, reader, splits["train"].x)
    beside: tuple[object, ...] = (raw.classes, normalisation.mean, normalisation.std, raw.notes)
    if not normalisation.of_bytes or normalisation.scale != BYTES:
        beside += (normalisation.scale, normalisation.range)
    if options.task:
        beside += (options.task,)
    return Dataset(
        name=reader.name,
        classes=raw.classes,
        shape=raw.train_x.shape[1:],
        normalisation=normalisation,
        digest=digest(splits, beside),
        splits=splits,
        notes=raw.notes,
        task=task_named(options.task or "classification"),
    )
