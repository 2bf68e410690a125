# SPDX-License-Identifier: Apache-2.0
"""Every figure of a record as one row: for spreadsheets, scripts and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from drawplate.errors import FlowError, nearest
from drawplate.metric import Metric
from drawplate.report.figures import format_number, format_value
from drawplate.report.record import Record, Sweep

COLUMNS: Final = (
    "step", "member", "layer", "metric", "value", "unit", "source", "error", "low",
    "split", "count", "direction", "note",
)  # fmt: skip
LONG: Final = ("member", "layer", "count", "direction", "note")
"""Columns that a page has no room for."""


def header(record: Record) -> tuple[str, ...]:
    """Return the names of the columns: what a sweep varies comes first."""
    axes = record.axes if isinstance(record, Sweep) else ()
    return (*(axis.target for axis in axes), *COLUMNS)


def short_rows(record: Record, wanted: Sequence[str] = ()) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return columns and rows for a page: the figures of whole models, of what was varied and found no more."""
    columns = header(record)
    kept = [at for at, name in enumerate(columns) if name not in LONG]
    places = {name: at for at, name in enumerate(columns)}
    body = [row for row in rows(record, wanted) if not row[places["layer"]] and row[places["metric"]]]
    return tuple(columns[at] for at in kept), [tuple(row[at] for at in kept) for row in body]


def rows(record: Record, wanted: Sequence[str] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield a row per metric, values as they are in the store; a failed cell of a sweep has its message as the note.

    Args:
        record: of a run or a sweep.
        wanted: ``metric`` or ``step.metric``; all where left out.

    Raises:
        FlowError: when one of those was not found.
    """
    found = list(_rows(record))
    at = len(header(record)) - len(COLUMNS)
    names = {word for row in found for word in _names(row[at:])}
    for word in wanted:
        if word not in names:
            raise FlowError(f"there is no metric {word!r}", where="--metrics", allowed=sorted(names - {""}),
                            meant=nearest(word, names))  # fmt: skip
    yield from (row for row in found if not wanted or set(wanted) & set(_names(row[at:])))


def _names(row: Sequence[Any]) -> tuple[str, str]:
    step, metric = row[COLUMNS.index("step")], row[COLUMNS.index("metric")]
    return metric, f"{step}.{metric}"


def _rows(record: Record) -> Iterator[tuple[Any, ...]]:
    if not isinstance(record, Sweep):
        for step in record.steps:
            for number, outcome in enumerate(step.outcomes):
                yield from _of(step.name, number, outcome.metrics)
        return
    for cell in record.cells:
        for name, metrics in cell.metrics.items():
            for row in _of(name, 0, metrics):
                yield (*cell.values, *row)
        if cell.error:
            yield (*cell.values, *[""] * (len(COLUMNS) - 1), cell.error)


def _of(step: str, member: int, metrics: Iterable[Metric]) -> Iterator[tuple[Any, ...]]:
    for m in metrics:
        yield (
            step,
            member,
            m.layer or "",
            m.name,
            m.value,
            m.unit,
            m.source,
            "" if m.error is None else m.error,
            "" if m.low is None else m.low,
            m.split,
            "" if m.count is None else m.count,
            m.direction or "",
            m.note,
        )


def as_csv(columns: Sequence[str], body: Iterable[Sequence[Any]]) -> str:
    """Write comma-separated values; floats with all their digits."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    writer.writerows(body)
    return file.getvalue()


def as_markdown(columns: Sequence[str], body: Iterable[Sequence[Any]]) -> str:
    """Write a Markdown table, numbers rounded for reading."""
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(map(_cell, row))} |" for row in body]
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    text = format_number(value) if isinstance(value, float) else format_value(value)
    return text.replace("|", "\\|").replace("\n", " ")
