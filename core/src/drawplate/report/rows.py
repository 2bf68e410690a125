# SPDX-License-Identifier: Apache-2.0
"""Every figure of a record as one row: for spreadsheets, scripts and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from drawplate.report.figures import format_number, format_value

Record = Mapping[str, Any]
COLUMNS: Final = ("step", "member", "layer", "metric", "value", "unit", "source", "error", "split", "direction", "note")


def header(record: Record) -> tuple[str, ...]:
    """Return the names of the columns: what a sweep varies comes first."""
    return (*(axis["target"] for axis in record.get("axes", ())), *COLUMNS)


def rows(record: Record) -> Iterator[tuple[Any, ...]]:
    """Yield a row per metric, values as they are in the store; a failed cell of a sweep has its message as the note."""
    if "cells" not in record:
        for step in record["steps"]:
            for number, outcome in enumerate(step["outcomes"]):
                yield from _of(step["name"], number, outcome["metrics"])
        return
    for cell in record["cells"]:
        for step, metrics in cell["metrics"].items():
            for row in _of(step, 0, metrics):
                yield (*cell["values"], *row)
        if cell["error"]:
            yield (*cell["values"], *[""] * (len(COLUMNS) - 1), cell["error"])


def _of(step: str, member: int, metrics: Iterable[Record]) -> Iterator[tuple[Any, ...]]:
    for m in metrics:
        yield (
            step,
            member,
            m.get("layer", ""),
            m["name"],
            m["value"],
            m["unit"],
            m["source"],
            m.get("error", ""),
            m.get("split", ""),
            m.get("direction", ""),
            m.get("note", ""),
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
