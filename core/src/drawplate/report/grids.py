# SPDX-License-Identifier: Apache-2.0
"""Figures of records laid out as columns and rows of text, for the terminal and for the page alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from drawplate.metric import Metric
from drawplate.outcome import Outcome
from drawplate.report.figures import MARKS, format_bare, format_metric, format_together, format_value, scale_of
from drawplate.store.run_records import CellRecord, StepRecord, SweepRecord

LAYERS = "layers"
"""Name of the table in which a step records what its layers are."""


@frozen
class Grid:
    """A table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Say of each column whether it holds numbers."""
        return tuple(all(_NUMBER.match(row[at]) for row in self.rows if row[at]) for at in range(len(self.columns)))

    def filled(self) -> Grid:
        """Return the table without columns that say nothing."""
        kept = [at for at in range(len(self.columns)) if any(row[at] for row in self.rows)]
        return Grid(tuple(self.columns[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in self.rows))

    def same(self) -> tuple[Grid, tuple[tuple[str, str], ...]]:
        """Return the table of what differs between its rows, and name and value of what does not."""
        alike = [
            at for at in range(len(self.columns)) if len(self.rows) > 1 and len({row[at] for row in self.rows}) == 1
        ]
        kept = [at for at in range(len(self.columns)) if at not in alike]
        said = tuple((self.columns[at], self.rows[0][at]) for at in alike if self.rows[0][at])
        return Grid(
            tuple(self.columns[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in self.rows)
        ), said


_NUMBER = re.compile(r"-?[\d.,]+(e[+-]?\d+)?( ± \S+| \(\S+ to \S+\))?( [^\d\s]\S*){0,2}$")


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
        source = shared[1]
        unit, _ = self._scale(name, shared[0])
        words = ("" if unit == name else unit) + MARKS[source]
        return f"{name} ({words.strip()})" if words else name

    def figure(self, layer: str, name: str) -> str:
        """Write a layer's figure; without what the head of its column says."""
        metric = self.metrics.get(layer, {}).get(name)
        if metric is None:
            return ""
        shared = self._shared(name)
        return format_metric(metric) if shared is None else format_bare(metric, *self._scale(name, shared[0]))

    def fact(self, layer: str, name: str) -> str:
        """Write what is known of a layer."""
        return format_value(self.facts.get(layer, {}).get(name))

    def _scale(self, name: str, unit: str) -> tuple[str, float]:
        return scale_of(unit, [found[name].value for found in self.metrics.values() if name in found])

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
    cells = [_cell_figures(cell) for cell in record.cells]
    columns = _names(cells)
    written = [format_together(found.get(name) for found in cells) for name in columns]
    rows = (
        (*map(format_value, cell.values), *figures, cell.error or "")
        for cell, *figures in zip(record.cells, *written, strict=True)
    )
    return Grid((*(axis.target for axis in record.axes), *columns, "error"), tuple(rows))


def _cell_figures(cell: CellRecord) -> dict[str, Metric]:
    return {f"{step}.{metric.name}": metric for step, found in cell.metrics.items() for metric in found}


def _names(figures: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for found in figures for name in found))
