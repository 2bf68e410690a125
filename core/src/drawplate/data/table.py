# SPDX-License-Identifier: Apache-2.0
"""A user's own table: a CSV file of numbers, one item per row, and a column that says what it is."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.data.arrays import every_sixth
from drawplate.data.items import is_number
from drawplate.data.model import DatasetReader, Raw
from drawplate.data.safe import check_room, file_size
from drawplate.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TARGETS = ("y", "label", "class", "target")
"""Names of the column that tells the class (or the number to predict); without one of them it is the last."""
TEXT = 16
"""Bytes of memory that one byte of text may become: a word of few letters is an object."""
NUMBERED = "the first column has no name and numbers the rows: it is left out (pandas: to_csv(index=False))"
PARTS = ("train.csv", "val.csv", "test.csv")


def table() -> DatasetReader:
    """One CSV file, of which every sixth row is a test item, or a folder with train.csv and test.csv."""
    return DatasetReader(
        name="csv",
        summary="your own table: a CSV file of numbers, the last column the class",
        find=_find,
        read=_read,
        given=True,
    )


def _find(given: Path | None) -> Path:
    if given is None:
        raise DataError("has no path", hint="set path in [data]")
    for file in (given / "train.csv", given / "test.csv") if given.is_dir() else (given,):
        file_size(file)
    return given


@frozen
class _Table:
    x: NDArray[np.float64]
    y: list[str]
    """Targets as they are written."""
    numbered: bool = False
    """Whether a column without a name numbered the rows; it is left out."""


def _read(path: Path) -> Raw:
    import numpy as np

    if not path.is_dir():
        whole = _table(path)
        train, test = every_sixth(len(whole.x))
        y, classes = _targets(whole.y)
        note = "every sixth row, drawn at random, is a test item: there is no test.csv"
        notes = (note, NUMBERED) if whole.numbered else (note,)
        return Raw(
            train_x=whole.x[train],
            train_y=y[train],
            test_x=whole.x[test],
            test_y=y[test],
            train_at=train,
            test_at=test,
            classes=classes,
            notes=notes,
        )
    parts = [_table(path / name) for name in PARTS if (path / name).exists()]
    y, classes = _targets([value for part in parts for value in part.y])
    first_test, held_out = sum(len(part.y) for part in parts[:-1]), len(parts[1].y) if len(parts) == 3 else 0
    return Raw(
        train_x=np.concatenate([part.x for part in parts[:-1]]),
        train_y=y[:first_test],
        test_x=parts[-1].x,
        test_y=y[first_test:],
        classes=classes,
        validation=held_out,
        notes=(NUMBERED,) if any(part.numbered for part in parts) else (),
    )


def _targets(written: list[str]) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return numbers as they are; words become classes, in alphabetical order."""
    import numpy as np

    try:
        return np.array([float(value) for value in written]), ()
    except ValueError:
        names = sorted(set(written))
    numbers = {name: number for number, name in enumerate(names)}
    return np.array([numbers[value] for value in written], np.int64), tuple(names)


def _table(path: Path) -> _Table:
    import numpy as np

    check_room(TEXT * file_size(path), str(path))
    values, targets = array("d"), list[str]()
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = _rows(file, path)
            names = next(rows)
            if len(names) < 2:
                raise DataError(f"has {len(names)} columns", where=str(path), allowed="numbers, and a target")
            target = next((at for at, name in enumerate(names) if name.strip().lower() in TARGETS), len(names) - 1)
            for number, row in enumerate(rows, start=1):
                targets.append(row.pop(target).strip())
                values.extend(_numbers(row, number, path))
    except (csv.Error, UnicodeError) as error:
        raise DataError(f"is no table: {error}", where=str(path)) from error
    if not targets:
        raise DataError("has no rows", where=str(path))
    x = np.array(values).reshape(len(targets), -1)
    del names[target]
    return _Table(x[:, 1:], targets, numbered=True) if _numbers_rows(names, x) else _Table(x, targets)


def _numbers_rows(names: list[str], x: NDArray[np.float64]) -> bool:
    """Whether the first column is the index that pandas writes: without a name, another whole number in every row."""
    import numpy as np

    if names[0].strip() and not names[0].startswith("Unnamed"):
        return False
    first = x[:, 0]
    return x.shape[1] > 1 and bool((first == np.floor(first)).all()) and len(np.unique(first)) == len(first)


def _rows(file: Any, path: Path) -> Iterator[list[str]]:
    """Yield the names of the columns, their numbers where the file has none, then every row."""
    start = file.read(1 << 16)
    file.seek(0)
    first, *_ = start.splitlines() or [""]
    reader = csv.reader(file, delimiter=max(",;\t", key=first.count), strict=True)
    names = next(reader, [])
    if all(map(is_number, names[:-1])):
        yield [str(at) for at in range(len(names))]
        yield list(names)
    else:
        yield list(names)
    for row in reader:
        if not row:
            continue
        if len(row) != len(names):
            raise DataError(f"line {reader.line_num} has {len(row)} columns, the first {len(names)}", where=str(path))
        yield row


def _numbers(row: list[str], number: int, path: Path) -> Iterator[float]:
    for value in row:
        if not is_number(value):
            raise DataError(
                f"row {number} holds {value[:40]!r}",
                where=str(path),
                allowed="numbers, but for the target",
                hint="fill gaps, and number what is text",
            )
        yield float(value)
