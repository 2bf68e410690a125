# SPDX-License-Identifier: Apache-2.0
"""Figures of records laid out as columns and rows of text, for the terminal and for the page alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from drawplate.metric import Metric
from drawplate.outcome import Outcome
from drawplate.report.figures import MARKS, format_bare, format_metric, format_value
from drawplate.store.run_records import CellRecord, StepRecord, SweepRecord

LAYERS = "layers"
"""Name of the table in which a step records what its layers are."""


@frozen
class Grid:
    """A table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@frozen
class Layers:
    """What a step recorded of its layers, and the figures that it has by layer."""

    names: tuple[str, ...]
    facts: Mapping[str, Mapping[str, Any]]
    """By layer: bits, PE, SIMD, whatever the step's table ``layers`` says."""
    metrics: Mapping[str, Mapping[str, Metric]]
    """By layer and name."""

    @property
    def known(self) -> tuple[str, ...]:
        """Return the names of the facts."""
        return tuple(name for name in _names(self.facts.values()) if name != "layer")

    @property
    def measured(self) -> tuple[str, ...]:
        """Return the names of the metrics."""
        return _names(self.metrics.values())

    def head(self, name: str) -> str:
        """Return the head of a metric's column; with unit and source, where all its figures share them."""
        shared = self._shared(name)
        if shared is None:
            return name
        unit, source = shared
        words = ("" if unit == name else unit) + MARKS[source]
        return f"{name} ({words.strip()})" if words else name

    def figure(self, layer: str, name: str) -> str:
        """Write a layer's figure; without what the head of its column says."""
        metric = self.metrics.get(layer, {}).get(name)
        if metric is None:
            return ""
        return format_metric(metric) if self._shared(name) is None else format_bare(metric)

    def fact(self, layer: str, name: str) -> str:
        """Write what is known of a layer."""
        return format_value(self.facts.get(layer, {}).get(name))

    def _shared(self, name: str) -> tuple[str, str] | None:
        kinds = {(m.unit, m.source) for found in self.metrics.values() for n, m in found.items() if n == name}
        return next(iter(kinds)) if len(kinds) == 1 else None


def layers_of(outcome: Outcome) -> Layers | None:
    """Gather what there is by layer; None where there is nothing."""
    facts = {row["layer"]: row for row in outcome.tables.get(LAYERS, ())}
    metrics: dict[str, dict[str, Metric]] = {}
    for metric in outcome.metrics:
        if metric.layer is not None:
            metrics.setdefault(metric.layer, {})[metric.name] = metric
    names = tuple(dict.fromkeys((*facts, *metrics)))
    return Layers(names, facts, metrics) if names else None


def layer_grids(layers: Layers) -> Iterator[Grid]:
    """Yield what is known by layer, and the figures by layer: together they are too wide for a terminal."""
    if layers.known:
        facts = ((layer, *(layers.fact(layer, name) for name in layers.known)) for layer in layers.facts)
        yield Grid(("layer", *layers.known), tuple(facts))
    if layers.measured:
        figures = ((layer, *(layers.figure(layer, name) for name in layers.measured)) for layer in layers.metrics)
        yield Grid(("layer", *map(layers.head, layers.measured)), tuple(figures))


def member_grid(step: StepRecord) -> Grid | None:
    """Lay out the whole-model figures of every member of a front; None for a step of one outcome."""
    if len(step.outcomes) < 2:
        return None
    found = [
        {metric.name: format_metric(metric) for metric in outcome.metrics if metric.layer is None}
        for outcome in step.outcomes
    ]
    columns = _names(found)
    rows = (
        (outcome.artifact.digest[:8], "chosen" if number == step.chosen else "", *map(figures.get, columns))
        for number, (outcome, figures) in enumerate(zip(step.outcomes, found, strict=True))
    )
    return Grid(("model", "", *columns), tuple(tuple(cell or "" for cell in row) for row in rows))


def sweep_grid(record: SweepRecord) -> Grid:
    """Lay out the cells of a sweep: what was varied, every whole-model figure, and what failed."""
    cells = [(cell, _cell_figures(cell)) for cell in record.cells]
    columns = _names(found for _, found in cells)
    rows = (
        (*map(format_value, cell.values), *(found.get(name, "") for name in columns), cell.error or "")
        for cell, found in cells
    )
    return Grid((*(axis.target for axis in record.axes), *columns, "error"), tuple(rows))


def _cell_figures(cell: CellRecord) -> dict[str, str]:
    return {f"{step}.{metric.name}": format_metric(metric) for step, found in cell.metrics.items() for metric in found}


def _names(figures: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for found in figures for name in found))
