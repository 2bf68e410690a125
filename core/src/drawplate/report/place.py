# SPDX-License-Identifier: Apache-2.0
"""Where the charts of a page are drawn, each under a name of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from drawplate.report.charts import Chart

_NO_NAME = re.compile(r"[^a-z0-9]+")


@frozen(kw_only=True)
class Place:
    """One chart's."""

    name: str
    title: str
    caption: str
    height: int
    """In pixels."""
    wide: bool
    picks: bool
    """Whether a click on a point shows its genome."""


@define
class Drawn:
    """All charts of a page by name: letters, digits and dashes, whatever a step or a metric is called."""

    charts: dict[str, Chart] = field(factory=dict)
    searches: dict[str, Mapping[str, Any]] = field(factory=dict)
    """What the page's script shows of a search's candidates, by the name of the chart."""
    anchors: int = 0
    """How many places of the page have been named for links."""

    def anchor(self) -> str:
        """Name one more."""
        self.anchors += 1
        return f"step-{self.anchors}"

    def place(self, chart: Chart, search: Mapping[str, Any] | None = None) -> Place:
        """Take a chart in; of those of one name the later ones are numbered."""
        name = self._free(_NO_NAME.sub("-", chart.name.lower()).strip("-") or "chart")
        self.charts[name] = evolve(chart, name=name)
        picks = search is not None and any("customdata" in trace for trace in chart.data)
        if picks and search is not None:
            self.searches[name] = search
        height = int(chart.figure()["layout"]["height"])
        return Place(name=name, title=chart.title, caption=chart.caption, height=height, wide=chart.wide, picks=picks)

    def _free(self, name: str) -> str:
        taken = self.charts
        if name not in taken:
            return name
        return next(f"{name}-{number}" for number in range(2, len(taken) + 3) if f"{name}-{number}" not in taken)
