# SPDX-License-Identifier: Apache-2.0
"""Tables that steps recorded, as columns and rows of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drawplate.report.figures import format_metric, format_number, format_value
from drawplate.report.grids import Grid
from drawplate.store.records import read_metric

Row = Mapping[str, Any]


def table_grid(rows: Sequence[Row]) -> Grid:
    """Lay out the rows of a table; columns in the order in which they appear first."""
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    return Grid(names, tuple(tuple(_cell(row.get(name)) for name in names) for row in rows))


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        if {"value", "unit", "source"} <= set(value):
            return format_metric(read_metric({"name": "", **value}))
        return ", ".join(f"{key} = {_cell(inner)}" for key, inner in value.items())
    if isinstance(value, float):
        return format_number(value)
    return format_value(value)
