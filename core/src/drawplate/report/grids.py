# SPDX-License-Identifier: Apache-2.0
"""Figures of records laid out as columns and rows of text, for the terminal and for the page alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from drawplate.report.figures import format_metric, format_value

Record = Mapping[str, Any]


@frozen
class Grid:
    """A table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def layer_grid(metrics: Sequence[Record]) -> Grid | None:
    """Lay out a step's figures by layer; None where it has none."""
    layers: dict[str, dict[str, str]] = {}
    for metric in metrics:
        if "layer" in metric:
            layers.setdefault(metric["layer"], {})[metric["name"]] = format_metric(metric)
    if not layers:
        return None
    columns = _names(layers.values())
    rows = ((layer, *(found.get(name, "") for name in columns)) for layer, found in layers.items())
    return Grid(("layer", *columns), tuple(rows))


def member_grid(step: Record) -> Grid | None:
    """Lay out the whole-model figures of every member of a front; None for a step of one outcome."""
    if len(step["outcomes"]) < 2:
        return None
    found = [
        {metric["name"]: format_metric(metric) for metric in outcome["metrics"] if "layer" not in metric}
        for outcome in step["outcomes"]
    ]
    columns = _names(found)
    rows = (
        (outcome["artifact"]["digest"][:8], "chosen" if number == step["chosen"] else "", *map(figures.get, columns))
        for number, (outcome, figures) in enumerate(zip(step["outcomes"], found, strict=True))
    )
    return Grid(("model", "", *columns), tuple(tuple(cell or "" for cell in row) for row in rows))


def sweep_grid(record: Record) -> Grid:
    """Lay out the cells of a sweep: what was varied, every whole-model figure, and what failed."""
    cells = [(cell, _cell_figures(cell)) for cell in record["cells"]]
    columns = _names(found for _, found in cells)
    rows = (
        (*map(format_value, cell["values"]), *(found.get(name, "") for name in columns), cell["error"] or "")
        for cell, found in cells
    )
    return Grid((*(axis["target"] for axis in record["axes"]), *columns, "error"), tuple(rows))


def _cell_figures(cell: Record) -> dict[str, str]:
    return {
        f"{step}.{metric['name']}": format_metric(metric) for step, found in cell["metrics"].items() for metric in found
    }


def _names(figures: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for found in figures for name in found))
