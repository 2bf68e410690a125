# SPDX-License-Identifier: Apache-2.0
"""Tables that steps recorded, as columns and rows of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drawplate.metric import Metric
from drawplate.report.figures import MARKS, format_metric, format_number, format_value
from drawplate.report.grids import Grid

Row = Mapping[str, Any]
FIGURE = ("value", "unit", "source")


def table_grid(rows: Sequence[Row]) -> Grid:
    """Lay out the rows of a table; columns in the order in which they appear first."""
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    return Grid(names, tuple(tuple(_cell(row.get(name)) for name in names) for row in rows))


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        if _is_figure(value):
            figure = {name: value[name] for name in FIGURE}
            name = str(value.get("name"))
            return format_metric(Metric(name=name, error=value.get("error"), low=value.get("low"), **figure))
        return ", ".join(f"{key} = {_cell(inner)}" for key, inner in value.items())
    if isinstance(value, float):
        return format_number(value)
    return format_value(value)


def _is_figure(value: Row) -> bool:
    """Whether a cell is a metric; the rows of a table may hold anything."""
    found = all(name in value for name in FIGURE)
    return found and isinstance(value["value"], int | float) and value["source"] in MARKS
