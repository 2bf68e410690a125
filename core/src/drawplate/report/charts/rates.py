# SPDX-License-Identifier: Apache-2.0
"""Accuracy against speed, whatever made it: foldings (the paper's Fig. 6), and all approaches at once (Fig. 9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

from drawplate.report.charts.chart import COLOURS, HOLLOW, SYMBOLS, Chart, axis, nth


@frozen(kw_only=True)
class Rate:
    """One network on one target."""

    group: str
    """What made it: the legend's entry."""
    label: str
    fps: float
    top1: float
    """In percent."""
    source: str
    """Of the rate."""
    judged: str = ""
    """Data set and split that the accuracy was found on."""


def rate_chart(rates: Sequence[Rate], name: str = "rates", title: str = "accuracy against speed") -> Chart:
    """Draw networks by frames per second and accuracy; estimates are hollow."""
    groups = list(dict.fromkeys(rate.group for rate in rates))
    data = []
    for number, group in enumerate(groups):
        found = [rate for rate in rates if rate.group == group]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": group,
                "x": [rate.fps for rate in found],
                "y": [rate.top1 for rate in found],
                "text": [f"{rate.label} ({rate.source})" for rate in found],
                "hovertemplate": "%{text}<br>%{x:,.0f} FPS, %{y:.2f} %<extra></extra>",
                "marker": {
                    "symbol": [nth(SYMBOLS, number) + HOLLOW[rate.source] for rate in found],
                    "color": nth(COLOURS, number),
                    "size": 11,
                    "line": {"width": 2, "color": nth(COLOURS, number)},
                },
            }
        )
    layout = {"xaxis": _speeds(rates), "yaxis": axis("top-1, %"), "height": 440}
    sources = ", ".join(sorted({rate.source for rate in rates}))
    caption = f"hollow marks are estimates; rates here are {sources}"
    return Chart(name=name, title=title, data=data, layout=layout, caption=caption)


def _speeds(rates: Sequence[Rate]) -> dict[str, Any]:
    """Over few decades every digit would get a label, and they would overlap: 1, 2 and 5 do."""
    found = [rate.fps for rate in rates if rate.fps > 0]
    steps = {"dtick": "D2"} if found and max(found) < 1000 * min(found) else {}
    return axis("frames per second", type="log", tickformat="~s", **steps)
