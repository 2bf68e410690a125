# SPDX-License-Identifier: Apache-2.0
"""What a chart is, and what all of them look like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from drawplate.metric import Source

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW, BLACK = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#d55e00",
    "#cc79a7",
    "#56b4e9",
    "#f0e442",
    "#000000",
)
GREY = "#6e7781"
COLOURS: Final = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK, GREY)
"""Okabe and Ito (2008): told apart by colour-blind readers.  Yellow, which does not show on white, is grey here."""

SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down")
DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")

HOLLOW: Final[Mapping[str, str]] = {source.value: "-open" if source is Source.ESTIMATED else "" for source in Source}
"""An estimate is a hollow mark; what was run, simulated or counted is filled."""

Trace = Mapping[str, Any]
Axis = Mapping[str, Any]


@frozen(kw_only=True)
class Chart:
    """One figure of a report."""

    name: str
    """Of its file, and of its place on the page, where it becomes letters, digits and dashes."""
    title: str
    data: Sequence[Trace]
    layout: Mapping[str, Any] = field(factory=dict)
    wide: bool = True
    """Whether it needs the whole width of a page."""
    caption: str = ""
    """What a reader has to know; also read out in place of the picture."""

    def figure(self) -> dict[str, Any]:
        """Return what plotly.js draws."""
        figure: dict[str, Any] = _without_tags({"data": list(self.data), "layout": {**base_layout(), **self.layout}})
        return figure


_TAG = re.compile(r"<(?!br>|extra>|/extra>)")


def _without_tags(value: Any) -> Any:
    """Have plotly.js show ``<`` where it would read a tag; ``<br>`` and ``<extra>`` are ours."""
    if isinstance(value, str):
        return _TAG.sub("&lt;", value)
    if isinstance(value, Mapping):
        return {key: _without_tags(inner) for key, inner in value.items()}
    return [_without_tags(inner) for inner in value] if isinstance(value, list | tuple) else value


def base_layout() -> dict[str, Any]:
    """Return what all charts have in common."""
    return {
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": "#1b1f24"},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "margin": {"l": 64, "r": 24, "t": 16, "b": 56},
        "height": 380,
        "hovermode": "closest",
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        "xaxis": axis(""),
        "yaxis": axis(""),
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return a plain axis with light grid lines."""
    return {
        "title": {"text": title},
        "gridcolor": "#e6e9ed",
        "linecolor": "#57606a",
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "automargin": True,
        **more,
    }


def nth(values: Sequence[str], number: int) -> str:
    """Take values in turn."""
    return values[number % len(values)]
