# SPDX-License-Identifier: Apache-2.0
"""A sweep, to work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.api import html
from drawplate.api.drawn import figures_of, frame, write_report
from drawplate.errors import FlowError
from drawplate.metric import Direction
from drawplate.report.record import Sweep, SweptCell
from drawplate.report.rows import header, rows
from drawplate.report.seeds import names_of, summary_grid, tidy
from drawplate.report.sweeps import Point, points

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@frozen(repr=False)
class SweepResult:
    """A finished sweep; :func:`drawplate.sweep` returns it."""

    folder: Path
    record: Sweep

    @property
    def id(self) -> str:
        """Its name in the store."""
        return self.record.id

    @property
    def cells(self) -> tuple[SweptCell, ...]:
        """Every run of the grid, failed ones too: its values, its metrics or its error, the id of its run."""
        return self.record.cells

    @property
    def settings(self) -> tuple[Point, ...]:
        """The points of the grid, seeds gathered: each has ``mean`` and ``spread`` of every metric."""
        return points(self.record)

    def best(self, metric: str) -> Mapping[str, Any]:
        """Return the setting whose mean over seeds is best by a metric.

        Args:
            metric: ``metric`` or ``step.metric``.

        Raises:
            FlowError: when there is no such metric, or nobody said which of its values are better.
        """
        found = self.settings
        (name,) = names_of(found, [metric])
        having = [point for point in found if name in point.metrics]
        direction = having[0].metrics[name][0].direction
        if direction is None:
            raise FlowError(f"nobody said which values of {name} are better", where=self.id)
        choose = max if direction is Direction.HIGHER else min
        chosen: Point = choose(having, key=lambda point: point.mean(name) or 0.0)
        return dict(chosen.values)

    def to_pandas(self, *, each: bool = False) -> pd.DataFrame:
        """Return means and spreads over seeds, one setting and metric a row.

        Args:
            each: every run's figures instead.

        Raises:
            ToolMissing: when pandas is not installed.
        """
        return frame(header(self.record), rows(self.record)) if each else frame(*tidy(self.record))

    def table(self, metrics: Sequence[str] = ()) -> str:
        """Return the settings as a LaTeX table (booktabs), ``mean ± spread`` where seeds were varied."""
        from drawplate.report.latex import as_latex

        grid = summary_grid(self.record, metrics)
        return as_latex(grid.columns, grid.rows)

    @property
    def figures(self) -> dict[str, go.Figure]:
        """The charts of the report by name, as plotly's figures.

        Raises:
            ToolMissing: when plotly is not installed.
        """
        return figures_of(self.folder)

    def report(self, path: str | Path = "report.html") -> Path:
        """Write the report, one HTML file that needs nothing else, and return where."""
        return write_report([self.folder], Path(path))

    def __repr__(self) -> str:
        axes = ", ".join(f"{axis.target} = {list(axis.values)}" for axis in self.record.axes)
        return f"sweep {self.id}: {self.record.status}, {len(self.cells)} runs over {axes}\n  {self.folder}"

    def _repr_html_(self) -> str:
        if not self.settings:
            return html.text(repr(self))
        grid = summary_grid(self.record)
        return html.table(grid.columns, grid.rows, f"{self.id}: {self.record.status}")
