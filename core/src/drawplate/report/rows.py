# SPDX-License-Identifier: Apache-2.0
"""Every figure of a record as one row: for spreadsheets, scripts and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from drawplate.metric import Metric
from drawplate.report.figures import format_number, format_value
from drawplate.report.record import Record, Sweep

COLUMNS: Final = ("step", "member", "layer", "metric", "value", "unit", "source", "error", "split", "direction", "note")


def header(record: Record) -> tuple[str, ...]:
    """Return the names of the columns: what a sweep varies comes first."""
    axes = record.axes if isinstance(record, Sweep) else ()
    return (*(axis.target for axis in axes), *COLUMNS)


def rows(record: Record) -> Iterator[tuple[Any, ...]]:
    """Yield a row per metric, values as they are in the store; a failed cell of a sweep has its message as the note."""
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
            m.split,
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
