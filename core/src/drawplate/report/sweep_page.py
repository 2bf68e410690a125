# SPDX-License-Identifier: Apache-2.0
"""The page's part about one sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from drawplate.report.charts import Chart
from drawplate.report.charts.epochs import epoch_chart
from drawplate.report.charts.heat import heat_map
from drawplate.report.charts.radar import radar
from drawplate.report.charts.rates import rate_chart
from drawplate.report.charts.surface import surface
from drawplate.report.families import families
from drawplate.report.gather import rates_of
from drawplate.report.grids import Grid, sweep_grid
from drawplate.report.place import Drawn, Place
from drawplate.report.record import Sweep
from drawplate.report.seeds import best, seeds_of, summary_grid
from drawplate.report.story import Story, story_of
from drawplate.report.sweeps import Plane, Point, baseline_of, planes, points

DRAWN = (
    *("top1", "error", "auc", "f1", "r2", "mse", "lut", "ff", "bram18", "dsp", "energy_uj", "fps", "latency_ms"),
    "file_bytes",
)


@frozen(kw_only=True)
class SweepView:
    """A sweep's story: how each figure depends on the options, then every cell."""

    template = "sweep.html"
    story: Story
    line: str
    charts: Sequence[Place]
    seeds: int
    """How many runs a setting has."""
    means: Grid | None
    """Mean and spread of what a reader looks for first, where there are seeds."""
    best: Sequence[tuple[str, str]]
    """By metric, the setting that is best on average."""
    cells: Grid
    same: Sequence[tuple[str, str]]
    """What all cells have alike: name and value."""


def sweep_view(record: Sweep, drawn: Drawn) -> SweepView:
    """Read it off a record; its charts are added to those of the page."""
    story = story_of(record)
    failed = sum(bool(cell.error) for cell in record.cells)
    seeds = seeds_of(record)
    cells, same = sweep_grid(record).filled().same()
    return SweepView(
        story=story,
        line=f"{record.status}, {story.when}, {len(record.cells)} cells, {failed} of them failed",
        charts=[drawn.place(chart) for chart in sweep_charts(record)],
        seeds=seeds,
        means=summary_grid(record).filled() if seeds > 1 else None,
        best=[(one.metric, one.point.label or "all") for one in best(record)] if seeds > 1 else [],
        cells=cells,
        same=same,
    )


def sweep_charts(record: Sweep) -> Iterator[Chart]:
    """Yield the charts that a sweep's options and metrics allow."""
    for family in families(record):
        yield epoch_chart(family)
    found = points(record)
    drawn = {plane.metric: plane for plane in planes(record) if plane.metric.rpartition(".")[2] in DRAWN}
    for name, plane in drawn.items():
        if name.endswith(".error") and f"{name.removesuffix('error')}top1" in drawn:
            continue  # the same picture upside down
        yield heat_map(plane)
        yield from _against_baseline(plane, found)
    polygons = radar(found)
    if polygons:
        yield polygons
    rates = list(rates_of(record))
    if len({rate.fps for rate in rates}) > 1:
        yield rate_chart(rates, "foldings", "accuracy against speed")


def _against_baseline(plane: Plane, found: tuple[Point, ...]) -> Iterator[Chart]:
    numbers = all(isinstance(value, int | float) for value in (*plane.rows, *plane.columns))
    baseline = baseline_of(found, plane.metric)
    if numbers and baseline:
        yield surface(plane, *baseline)
