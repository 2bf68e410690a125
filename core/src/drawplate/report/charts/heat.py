# SPDX-License-Identifier: Apache-2.0
"""Heat maps of a sweep over two options (the paper's Fig. 4)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from drawplate.report.charts.chart import Chart, axis
from drawplate.report.figures import format_number, scale_of
from drawplate.report.sweeps import Plane

CIVIDIS = "Cividis"
"""Even in lightness, and read alike with and without red-green vision (Nunez et al., 2018)."""
MIDDLE = 0.5
"""Of Cividis, where white and black are told from it equally well: its grey of luminance 0.18."""
LIGHT, DARK = "#fefefe", "#0a0a0a"
"""Not the colours of the page, which change places in the dark: those of a map do not."""
ROOM = 8
"""Columns that fit into half a page."""


def heat_map(plane: Plane) -> Chart:
    """Draw one figure over two options, its value written into every cell, over seeds with its spread."""
    plane = _scaled(plane)
    found = plane.found
    write = cell_writer(found)
    repeated = plane.repeats > 1 and any(map(any, plane.spreads))
    text = [
        [
            "" if value is None else write(value) + (f"<br>±{write(spread)}" if repeated else "")
            for value, spread in zip(row, spreads, strict=True)
        ]
        for row, spreads in zip(plane.values, plane.spreads, strict=True)
    ]
    trace = {
        "type": "heatmap",
        "x": [str(value) for value in plane.columns],
        "y": [str(value) for value in plane.rows],
        "z": plane.values,
        "text": text,
        "colorscale": CIVIDIS,
        "colorbar": {"thickness": 10, "outlinewidth": 0, "title": {"text": plane.unit}, "xpad": 6, "ypad": 0},
        "hovertemplate": f"{plane.row_name} %{{y}}, {plane.column_name} %{{x}}: %{{z}} {plane.unit}<extra></extra>",
        "xgap": 1,
        "ygap": 1,
    }
    layout = {
        "xaxis": axis(plane.column_name, type="category", showgrid=False),
        "yaxis": axis(plane.row_name, type="category", showgrid=False, autorange="reversed"),
        "height": max(240, 90 + len(plane.rows) * (42 if repeated else 34)),
        "margin": {"l": 56, "r": 8, "t": 12, "b": 56},
    }
    caption = f"{plane.source}; from {format_number(min(found))} to {format_number(max(found))} {plane.unit}".rstrip()
    if plane.repeats > 1:
        caption += f"; each cell is the mean of {plane.repeats} seeds"
        caption += ", ± their standard deviation" if repeated else ", which agree"
    return Chart(
        name=f"map-{plane.metric}".replace(".", "-").replace("_", "-"),
        title=f"{plane.metric} by {plane.row_name} and {plane.column_name}",
        data=[trace, _words(plane, text, found)],
        layout=layout,
        wide=len(plane.columns) > ROOM,
        caption=caption,
    )


def _words(plane: Plane, text: Sequence[Sequence[str]], found: Sequence[float]) -> dict[str, Any]:
    """Return what stands in the cells: white on dark ones, dark on light ones, a contrast of 4.5 at least."""
    low, span = min(found), (max(found) - min(found)) or 1.0
    cells = [
        (str(column), str(row), words, (value - low) / span)
        for row, values, line in zip(plane.rows, plane.values, text, strict=True)
        for column, value, words in zip(plane.columns, values, line, strict=True)
        if value is not None
    ]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [cell[0] for cell in cells],
        "y": [cell[1] for cell in cells],
        "text": [cell[2] for cell in cells],
        "textfont": {"size": 11, "color": [LIGHT if cell[3] < MIDDLE else DARK for cell in cells]},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _scaled(plane: Plane) -> Plane:
    """Return the plane in the unit in which it is best read; counts from a million on are thousands."""
    unit, one = scale_of(plane.unit, plane.found)
    if one == 1 and max(map(abs, plane.found)) >= 1e6:
        unit, one = f"1,000 {plane.unit}".strip(), 1e3
    return plane if one == 1 else plane.in_unit(unit, one)


def cell_writer(values: Sequence[float]) -> Callable[[float], str]:
    """Return how the cells of one map are written: as many decimals as tell a hundredth of their range."""
    span = max(values) - min(values)
    whole = all(value == int(value) for value in values)
    decimals = 0 if whole or span <= 0 else min(4, max(0, 2 - math.floor(math.log10(span))))
    return lambda value: f"{value:,.{decimals}f}"
