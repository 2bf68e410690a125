# SPDX-License-Identifier: Apache-2.0
"""A surface over two options with the plane of a baseline (the paper's Fig. 7)."""

from __future__ import annotations

from typing import Any

from drawplate.report.charts.chart import BLACK, ORANGE, Chart
from drawplate.report.charts.heat import CIVIDIS
from drawplate.report.figures import scale_of
from drawplate.report.sweeps import Plane


def surface(plane: Plane, baseline: float, spread: float = 0.0) -> Chart:
    """Draw a metric over two numbers, its noise over seeds, and a baseline.

    Args:
        plane: what was found.
        baseline: the same metric without the technique.
        spread: its standard deviation over seeds.
    """
    unit, one = scale_of(plane.unit, [*plane.found, baseline])
    plane, baseline, spread = plane.in_unit(unit, one), baseline / one, spread / one
    x, y = [float(value) for value in plane.columns], [float(value) for value in plane.rows]
    flat = [[baseline] * len(x) for _ in y]
    points = [
        (column, row, value, noise)
        for row, values, noises in zip(y, plane.values, plane.spreads, strict=True)
        for column, value, noise in zip(x, values, noises, strict=True)
        if value is not None
    ]
    data: list[dict[str, Any]] = [
        {
            "type": "surface",
            "x": x,
            "y": y,
            "z": plane.values,
            "colorscale": CIVIDIS,
            "showscale": False,
            "name": "found",
        },
        {
            "type": "surface",
            "x": x,
            "y": y,
            "z": flat,
            "colorscale": [[0, ORANGE], [1, ORANGE]],
            "opacity": 0.5,
            "showscale": False,
            "name": "baseline",
        },
        {
            "type": "scatter3d",
            "mode": "markers",
            "x": [point[0] for point in points],
            "y": [point[1] for point in points],
            "z": [point[2] for point in points],
            "error_z": {"type": "data", "array": [point[3] for point in points], "color": BLACK, "thickness": 2},
            "marker": {"size": 3, "color": BLACK},
            "name": "mean and spread over seeds",
        },
    ]
    scene = {
        "camera": {"eye": {"x": 1.85, "y": -1.95, "z": 0.85}},
        "xaxis": {"title": {"text": plane.column_name.rpartition(".")[2]}},
        "yaxis": {"title": {"text": plane.row_name.rpartition(".")[2]}},
        "zaxis": {"title": {"text": f"{plane.metric.rpartition('.')[2]}, {plane.unit}"}},
    }
    better = sum(value < baseline for _, _, value, _ in points)
    caption = (
        f"the plane is the baseline without it, {baseline:.4g} ± {spread:.2g} {plane.unit}; "
        f"{better} of {len(points)} settings lie below it; bars are the standard deviation over {plane.repeats} seeds"
    )
    return Chart(
        name=f"surface-{plane.metric}".replace(".", "-").replace("_", "-"),
        title=f"{plane.metric} against the baseline",
        data=data,
        layout={"scene": scene, "height": 420, "showlegend": False, "margin": {"l": 0, "r": 0, "t": 0, "b": 0}},
        wide=False,
        caption=caption,
    )
