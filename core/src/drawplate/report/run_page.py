# SPDX-License-Identifier: Apache-2.0
"""The page's part about one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from drawplate.metric import Metric
from drawplate.report.bars import Bars, bars_of
from drawplate.report.cards import Card, card_of
from drawplate.report.charts.curves import curve_charts
from drawplate.report.charts.front import search_charts
from drawplate.report.columns import table_grid
from drawplate.report.figures import format_metric, format_value
from drawplate.report.grids import LAYERS, Grid, member_grid
from drawplate.report.layers import LayerTable, layer_table
from drawplate.report.lineage import Drawing, draw
from drawplate.report.links import Link, Links
from drawplate.report.network.view import NetworkView, network_view
from drawplate.report.place import Drawn, Place
from drawplate.report.record import Run
from drawplate.report.search_page import search_values
from drawplate.report.searches import front_grid, search_of
from drawplate.report.story import Story, story_of
from drawplate.report.summary import Figure, accuracies, headlines
from drawplate.store.run_records import StepRecord

UNSET = ("", "[]", "{}")
SHOWN_ROWS = 200
"""Longer recorded tables are cut; `drawplate show --csv` has them whole."""


@frozen(kw_only=True)
class TableView:
    """A table that a step recorded."""

    name: str
    count: int
    grid: Grid
    cut: int
    """Rows that are not shown."""


@frozen(kw_only=True)
class StepView:
    """One step."""

    number: int
    name: str
    anchor: str
    """Of its place on the page."""
    notes: Sequence[str]
    metrics: Grid
    members: Grid | None
    pace: str
    """How far a search is."""
    search_charts: Sequence[Place]
    front: Grid | None
    curve_charts: Sequence[Place]
    bars: Sequence[Bars]
    layers: LayerTable | None
    links: Sequence[Link]
    tables: Sequence[TableView]
    plan_notes: Sequence[str]
    options: Sequence[tuple[str, str]]
    """Name and value of each that is set, by the flow or by its default."""


@frozen(kw_only=True)
class RunView:
    """A run's story: what came out, how, and from what."""

    template = "run.html"
    story: Story
    line: str
    error: str
    data_notes: str
    changes: Sequence[tuple[str, Sequence[str]]]
    """What was changed at the door, by model."""
    cards: Sequence[Card]
    accuracies: Grid | None
    lineage: Drawing | None
    network: NetworkView | None
    links: Sequence[Link]
    steps: Sequence[StepView]


def run_view(record: Run, drawn: Drawn, links: Links) -> RunView:
    """Read it off a record; its charts are added to those of the page."""
    story, found = story_of(record), list(accuracies(record))
    rows = [(f.step, format_metric(f.metric), f.metric.source, f.metric.note) for f in found]
    return RunView(
        story=story,
        line=", ".join((record.status, story.when, *_given(record))),
        error=record.error or "",
        data_notes=" ".join(record.data.notes) if record.data else "",
        changes=[(name, model.changed) for name, model in record.models.items() if model.changed],
        cards=[card_of(figure) for figure in headlines(record)],
        accuracies=Grid(("after", _words(found), "source", "note"), tuple(rows)).filled() if len(rows) > 1 else None,
        lineage=draw(record),
        network=network_view(record),
        links=links.of_run(record),
        steps=[_step(step, drawn, links) for step in record.steps],
    )


def _words(found: Sequence[Figure]) -> str:
    """Name the metric of a column; a run has one task."""
    name = found[0].metric.name if found else ""
    return "top-1" if name == "top1" else name


def _given(record: Run) -> Iterator[str]:
    yield f"seed {record.seed}"
    if record.data:
        yield record.data.name
    if record.device:
        yield f"on {record.device}"


def _step(step: StepRecord, drawn: Drawn, links: Links) -> StepView:
    outcome, tables = step.outcome, step.outcome.tables
    search = search_of(tables)
    values = search_values(search) if search else None
    plain = [name for name in tables if name != LAYERS and not (search and name == "candidates")]
    return StepView(
        number=step.number,
        name=step.name,
        anchor=drawn.anchor(),
        notes=outcome.notes,
        metrics=_metrics(step.whole),
        members=member_grid(step),
        pace=search.pace if search else "",
        search_charts=[drawn.place(chart, values) for chart in search_charts(step.name, search)] if search else (),
        front=front_grid(search) if search else None,
        curve_charts=[drawn.place(chart) for chart in curve_charts(step.name, outcome.curves)],
        bars=bars_of(outcome),
        layers=layer_table(outcome),
        links=links.of_step(step),
        tables=[_table(name, tables[name]) for name in plain],
        plan_notes=step.plan_notes,
        options=[(key, text) for key, value in step.options.items() if (text := format_value(value)) not in UNSET],
    )


def _metrics(whole: Sequence[Metric]) -> Grid:
    rows = ((metric.name, format_metric(metric), metric.source, metric.note) for metric in whole)
    return Grid(("metric", "value", "source", "note"), tuple(rows)).filled()


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> TableView:
    return TableView(name=name, count=len(rows), grid=table_grid(rows[:SHOWN_ROWS]), cut=max(0, len(rows) - SHOWN_ROWS))
