# SPDX-License-Identifier: Apache-2.0
"""Accuracy or error over epochs, one line per value of an option of a sweep (the paper's Fig. 3)."""

from __future__ import annotations

from typing import Any

from drawplate.report.charts.chart import COLOURS, DASHES, SYMBOLS, Chart, axis, nth
from drawplate.report.families import Family
from drawplate.report.sweeps import short_setting
from drawplate.task import TASKS

PERCENT = frozenset(measure.name for task in TASKS.values() for measure in task.measures if measure.unit == "%")
FEW = 12
"""Up to so many epochs each gets its mark, and its tick."""


def epoch_chart(family: Family) -> Chart:
    """Draw the lines; the spread over the cells of a line is shown under the pointer."""
    name = family.curve.partition("_")[2]
    what, unit = "top-1" if name == "top1" else name, "%" if name in PERCENT else ""
    data = []
    for number, (value, line) in enumerate(family.lines.items()):
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if len(line) <= FEW else "lines",
                "name": short_setting(family.option, value),
                "x": [spot.epoch for spot in line],
                "y": [spot.mean for spot in line],
                "customdata": [spot.spread for spot in line],
                "hovertemplate": f"%{{x}} epochs: %{{y:.4g}} ± %{{customdata:.2g}}{f' {unit}' if unit else ''}",
                "line": {"color": nth(COLOURS, number), "dash": nth(DASHES, number), "width": 2},
                "marker": {"symbol": nth(SYMBOLS, number), "size": 8},
            }
        )
    layout = {"xaxis": _epochs(family), "yaxis": axis(f"{what}, {unit}" if unit else what), "height": 420}
    return Chart(
        name=f"{family.step}-{family.curve}-over-epochs".replace("_", "-"),
        title=f"{family.step}: {what} over epochs",
        data=data,
        layout=layout,
        caption=_caption(family),
    )


def _epochs(family: Family) -> dict[str, Any]:
    epochs = sorted({spot.epoch for line in family.lines.values() for spot in line})
    return axis("epochs", tickvals=epochs) if len(epochs) <= FEW else axis("epochs")


def _caption(family: Family) -> str:
    words = f"{family.curve}, measured, by {family.option}"
    return f"{words}; each line the mean of {family.cells} cells" if family.cells > 1 else words
