# SPDX-License-Identifier: Apache-2.0
"""The table of a step's figures by layer, with bars for what each takes of the whole."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from drawplate.outcome import Outcome
from drawplate.report.grids import Layers, layers_of

ADDED: Final = ("lut", "ff", "bram18", "dsp", "energy_uj", "nce_cycles", "bytes", "latency_ms")
"""Columns whose cells are shares of a whole: a bar shows which layer takes most."""


@frozen
class LayerFigure:
    """One cell."""

    text: str
    share: float | None
    """Of the sum over all layers, from 0 to 1; None where figures are not added."""


@frozen
class LayerRow:
    """One layer."""

    layer: str
    facts: tuple[str, ...]
    figures: tuple[LayerFigure, ...]


@frozen
class LayerTable:
    """What is known of each layer, before its figures."""

    columns: tuple[str, ...]
    rows: tuple[LayerRow, ...]


def layer_table(outcome: Outcome) -> LayerTable | None:
    """Lay out the table; None where there is nothing by layer."""
    layers = layers_of(outcome)
    if layers is None:
        return None
    sums = {
        name: sum(found[name].value for found in layers.metrics.values() if name in found)
        for name in layers.measured
        if name in ADDED
    }
    rows = (
        LayerRow(
            layer,
            tuple(layers.fact(layer, name) for name in layers.known),
            tuple(_figure(layers, layer, name, sums.get(name, 0.0)) for name in layers.measured),
        )
        for layer in layers.names
    )
    return LayerTable(("layer", *layers.known, *map(layers.head, layers.measured)), tuple(rows))


def _figure(layers: Layers, layer: str, name: str, whole: float) -> LayerFigure:
    metric = layers.metrics.get(layer, {}).get(name)
    share = metric.value / whole if metric and whole > 0 else None
    return LayerFigure(layers.figure(layer, name), share)
