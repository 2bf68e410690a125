# SPDX-License-Identifier: Apache-2.0
"""Heat maps of a sweep over two options (the paper's Fig. 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from drawplate.report.charts.chart import Chart, axis
from drawplate.report.figures import format_number
from drawplate.report.sweeps import Plane

CIVIDIS = "Cividis"
"""Even in lightness, and read alike with and without red-green vision (Nunez et al., 2018)."""


def heat_map(plane: Plane) -> Chart:
    """Draw one figure over two options, its value written into every cell."""
    write = _writer([value for row in plane.values for value in row if value is not None])
    text = [["" if value is None else write(value) for value in row] for row in plane.values]
    trace = {
        "type": "heatmap",
        "x": [str(value) for value in plane.columns],
        "y": [str(value) for value in plane.rows],
        "z": plane.values,
        "text": text,
        "texttemplate": "%{text}",
        "colorscale": CIVIDIS,
        "showscale": False,  # every cell says its value
        "hovertemplate": f"{plane.row_name} %{{y}}, {plane.column_name} %{{x}}: %{{z}} {plane.unit}<extra></extra>",
        "xgap": 1,
        "ygap": 1,
    }
    layout = {
        "xaxis": axis(plane.column_name, type="category", showgrid=False),
        "yaxis": axis(plane.row_name, type="category", showgrid=False, autorange="reversed"),
        "height": 360,
        "margin": {"l": 56, "r": 8, "t": 8, "b": 56},
    }
    found = [value for row in plane.values for value in row if value is not None]
    caption = f"{plane.source}; from {format_number(min(found))} to {format_number(max(found))} {plane.unit}"
    if plane.repeats > 1:
        caption += f"; each cell the mean of {plane.repeats} seeds"
    return Chart(
        name=f"map-{plane.metric}".replace(".", "-").replace("_", "-"),
        title=f"{plane.metric} by {plane.row_name} and {plane.column_name}",
        data=[trace],
        layout=layout,
        wide=False,
        caption=caption,
    )


def _writer(values: Sequence[float]) -> Callable[[float], str]:
    """Return how the cells of one map are written: in the same unit, with as many decimals."""
    top = max(map(abs, values), default=0.0)
    scale, letter = next(((s, c) for s, c in ((1e6, "M"), (1e3, "k")) if top >= 10 * s), (1.0, ""))
    whole = scale == 1 and all(value == int(value) for value in values)
    digits = len(str(int(top / scale)))
    decimals = 0 if whole else min(2, max(0, (4 if scale == 1 else 3) - digits))
    return lambda value: f"{value / scale:,.{decimals}f}{letter}"
