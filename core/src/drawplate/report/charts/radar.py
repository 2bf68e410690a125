# SPDX-License-Identifier: Apache-2.0
"""Radar charts of networks that trade accuracy against resources (the paper's Fig. 5)."""

from __future__ import annotations

from collections.abc import Sequence

from drawplate.report.charts.chart import COLOURS, DASHES, Chart, nth
from drawplate.report.summary import JUDGED
from drawplate.report.sweeps import Point, named

COSTS = ("lut", "ff", "bram18", "dsp", "latency_ms", "file_bytes")
AXES = 4
MOST = 6
"""More polygons than this cannot be told apart."""


def radar(points: Sequence[Point], labels: Sequence[str] = ()) -> Chart | None:
    """Draw the scores of a few points.  A score of 1 is the sweep's best, 0 its worst.

    Args:
        points: the whole sweep.
        labels: of the points to draw; without, they are the best ones of each metric.
    """
    axes = _axes(points)
    if len(axes) < 3 or len(points) < 2:
        return None
    shown = [point for point in points if point.label in labels] if labels else _chosen(points, axes)
    corners = [name.rpartition(".")[2] for name in axes]
    data = [
        {
            "type": "scatterpolar",
            "name": point.label,
            "theta": [*corners, corners[0]],
            "r": [*scores, scores[0]],
            "line": {"color": nth(COLOURS, number), "dash": nth(DASHES, number), "width": 2},
        }
        for number, (point, scores) in enumerate((point, _scores(point, points, axes)) for point in shown)
    ]
    layout = {
        "polar": {"radialaxis": {"range": [0, 1], "tickvals": [0, 0.5, 1]}},
        "legend": {"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.1, "yanchor": "top"},
        "height": 420,
        "margin": {"l": 64, "r": 64, "t": 40, "b": 64},
    }
    caption = f"score 1: the best of the {len(points)} settings, 0: the worst"
    if not labels:
        caption += "; shown are the best ones of each metric"
    return Chart(name="radar", title="trade-offs", data=data, layout=layout, wide=False, caption=caption)


def _axes(points: Sequence[Point]) -> list[str]:
    judged = next((metric for metric in JUDGED if named(points, metric)), "top1")
    names = [named(points, metric) for metric in (judged, *COSTS)]
    return [name for name in names if name and len({point.mean(name) for point in points}) > 1][:AXES]


def _scores(point: Point, points: Sequence[Point], axes: Sequence[str]) -> list[float]:
    return [_score(point, points, name) for name in axes]


def _score(point: Point, points: Sequence[Point], name: str) -> float:
    found = [value for other in points if (value := other.mean(name)) is not None]
    value = point.mean(name)
    if value is None:
        return 0.0
    share = (value - min(found)) / (max(found) - min(found))
    return share if _higher(points, name) else 1 - share


def _higher(points: Sequence[Point], name: str) -> bool:
    """Whether higher values are better; records from before metrics knew it are of accuracies and costs."""
    said = next((entry.direction for point in points for entry in point.metrics.get(name, ())), None)
    return said == "higher" if said else name.endswith("top1")


def _chosen(points: Sequence[Point], axes: Sequence[str]) -> list[Point]:
    """The best of each metric, then those of the highest sum of scores."""
    ranked = sorted(points, key=lambda point: -sum(_scores(point, points, axes)))
    best = [max(ranked, key=lambda point: _score(point, points, name)) for name in axes]
    order = [ranked[0], *best]
    return [point for number, point in enumerate(order) if point not in order[:number]][:MOST]
