# SPDX-License-Identifier: Apache-2.0
"""Heat maps of a sweep over two options (the paper's Fig. 4)."""

from __future__ import annotations

from drawplate.report.charts.chart import Chart, axis
from drawplate.report.figures import format_number
from drawplate.report.sweeps import Plane

CIVIDIS = "Cividis"
"""Even in lightness, and read alike with and without red-green vision (Nunez et al., 2018)."""


def heat_map(plane: Plane) -> Chart:
    """Draw one figure over two options, its value written into every cell."""
    text = [["" if value is None else _short(value) for value in row] for row in plane.values]
    trace = {
        "type": "heatmap",
        "x": [str(value) for value in plane.columns],
        "y": [str(value) for value in plane.rows],
        "z": plane.values,
        "text": text,
        "texttemplate": "%{text}",
        "colorscale": CIVIDIS,
        "colorbar": {"title": {"text": plane.unit}, "thickness": 12},
        "hovertemplate": f"{plane.row_name} %{{y}}, {plane.column_name} %{{x}}: %{{z}} {plane.unit}<extra></extra>",
        "xgap": 1,
        "ygap": 1,
    }
    layout = {
        "xaxis": axis(plane.column_name, type="category", showgrid=False),
        "yaxis": axis(plane.row_name, type="category", showgrid=False, autorange="reversed"),
        "height": 360,
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


def _short(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g}M"
    return f"{value / 1e3:.3g}k" if abs(value) >= 1e4 else f"{value:.4g}"
