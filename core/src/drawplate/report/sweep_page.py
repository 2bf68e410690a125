# SPDX-License-Identifier: Apache-2.0
"""The page's part about one sweep."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

from drawplate.report.charts import Chart
from drawplate.report.charts.epochs import epoch_chart
from drawplate.report.charts.heat import heat_map
from drawplate.report.charts.radar import radar
from drawplate.report.charts.rates import rate_chart
from drawplate.report.charts.surface import surface
from drawplate.report.families import families
from drawplate.report.gather import rates_of
from drawplate.report.grids import sweep_grid
from drawplate.report.markup import Part, chart_part, details, join, table
from drawplate.report.run_page import flow_and_versions, title_of, when
from drawplate.report.sweeps import Plane, Point, baseline_of, planes, points

Record = Mapping[str, Any]
DRAWN = ("top1", "error", "lut", "ff", "bram18", "dsp", "fps", "latency_ms", "file_bytes")


def sweep_part(record: Record) -> Part:
    """Tell a sweep's story: how each figure depends on the options, then every cell."""
    grid = sweep_grid(record)
    failed = sum(bool(cell["error"]) for cell in record["cells"])
    words = f"{record.get('status', '')}, {when(record)}, {len(record['cells'])} cells, {failed} of them failed"
    head = f"{title_of(record)}<p>{html.escape(words)}</p>"
    cells = details("every cell", table(grid.columns, grid.rows, label="cells"))
    charts = (chart_part(chart) for chart in sweep_charts(record))
    return join([Part(text=head), *charts, Part(text=cells), flow_and_versions(record)])


def sweep_charts(record: Record) -> Iterator[Chart]:
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
