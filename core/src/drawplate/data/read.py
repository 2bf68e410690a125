# SPDX-License-Identifier: Apache-2.0
"""From a ``[data]`` table to a data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from drawplate.data.arrange import digest, divide, only_normal, shuffled
from drawplate.data.download import download
from drawplate.data.items import alike, real_values, shaped
from drawplate.data.model import Dataset, DatasetReader, Raw
from drawplate.data.normalisation import BYTES
from drawplate.data.options import DataOptions
from drawplate.data.statistics import find_normalisation
from drawplate.data.strength import notes
from drawplate.data.targets import read_targets
from drawplate.errors import DataError, DrawplateError, nearest
from drawplate.options import read_options
from drawplate.task import Kind, task_named

NO_TABLE = (
    "add [data] with the name of the data that the step works on; where there are none, name = "
    '"synthetic" makes some up, of the shape and classes that you say (e.g. shape = [3, 32, 32], classes = 10)'
)


def read_data_table(table: Mapping[str, Any] | None, readers: Mapping[str, DatasetReader]) -> Dataset:
    """Load what a ``[data]`` table asks for.

    Raises:
        FlowError: when the table is wrong.
        DataError: when the data are not to be found, or are damaged.
    """
    if table is None:
        raise DataError("the flow names no data", hint=NO_TABLE)
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
    found: Path | str | None = options.path
    try:
        if reader.make:
            raw = reader.make(options)
        else:
            found = _find(reader, options)
            raw = reader.read(found)
    except DrawplateError as error:
        raise error.at(where) from error
    except Exception as error:  # whatever a damaged file makes a decoder raise
        raise DataError(f"cannot be read: {type(error).__name__}: {error}", where=f"{where}, {found}") from error
    if options.path:
        where = f"{where}, {options.path}"
    return _arranged(_checked(raw, reader, options, where), reader, options, where)


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


def _checked(raw: Raw, reader: DatasetReader, options: DataOptions, where: str) -> Raw:
    """Bring items and targets to the shapes and types that everything else relies on."""
    train, test = (
        shaped(real_values(x, place, at), options.shape, place, own=reader.given)
        for place, x, at in (
            (f"{where}, training items", raw.train_x, raw.train_at),
            (f"{where}, test items", raw.test_x, raw.test_at),
        )
    )
    train_x, test_x = alike(train, test, where)
    raw = evolve(raw, train_x=train_x, test_x=test_x)
    train_y, test_y, names = read_targets(task_named(options.task or "classification").kind, raw, options, where)
    raw = evolve(raw, train_y=train_y, test_y=test_y, classes=names)
    return only_normal(raw) if options.task == Kind.RECONSTRUCTION else raw


def _arranged(raw: Raw, reader: DatasetReader, options: DataOptions, where: str) -> Dataset:
    if reader.given and options.shuffle:
        raw = shuffled(raw, options.seed)
    splits = divide(raw, reader, options, where)
    normalisation = find_normalisation(options, reader, splits["train"].x, where)
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
        notes=(*raw.notes, *notes(splits, raw.classes, normalisation, own=reader.given, shuffled=options.shuffle)),
        task=task_named(options.task or "classification"),
        synthetic=raw.synthetic,
    )
