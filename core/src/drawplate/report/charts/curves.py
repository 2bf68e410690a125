# SPDX-License-Identifier: Apache-2.0
"""Curves over epochs: accuracies in one chart, everything else in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from drawplate.report.charts.chart import COLOURS, DASHES, Chart, axis, nth

Series = Mapping[str, Sequence[Sequence[float]]]


def curve_charts(step: str, curves: Series) -> Iterator[Chart]:
    """Draw the curves that a step recorded; a single point is no curve."""
    long = {name: points for name, points in curves.items() if len(points) > 1}
    groups = {
        "accuracy": ("top-1, %", {name: points for name, points in long.items() if name.endswith("top1")}),
        "loss": ("loss", {name: points for name, points in long.items() if "loss" in name}),
    }
    others: dict[str, Series] = {}
    for name, points in long.items():
        if not name.endswith("top1") and "loss" not in name:
            metric = name.removeprefix("val_").removeprefix("test_")
            others[metric] = {**others.get(metric, {}), name: points}
    for word, (title, series) in groups.items():
        if series:
            yield _chart(f"{step}-{word}", f"{step}: {word}", title, series)
    for name, together in others.items():
        yield _chart(f"{step}-{name}".replace("_", "-"), f"{step}: {name}", name, together)


def _chart(name: str, title: str, unit: str, series: Series) -> Chart:
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(points) < 30 else "lines",
            "name": key,
            "x": [x for x, _ in points],
            "y": [y for _, y in points],
            "line": {"color": nth(COLOURS, number), "dash": nth(DASHES, number), "width": 2},
            "marker": {"size": 5},
        }
        for number, (key, points) in enumerate(series.items())
    ]
    last = ", ".join(f"{key} ends at {points[-1][1]:.4g}" for key, points in series.items())
    layout = {"xaxis": axis("epoch"), "yaxis": axis(unit), "height": 300, "showlegend": len(data) > 1}
    return Chart(name=name, title=title, data=data, layout=layout, wide=False, caption=last)
