# SPDX-License-Identifier: Apache-2.0
"""Foldings of a network: all layers nearly as slow as the slowest, or at random."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from drawplate.errors import ModelError
from drawplate_dataflow.cost.streams import lanes, stream_structure
from drawplate_dataflow.folding.choices import choices, fold_layer
from drawplate_dataflow.hardware.plan import check_folding, cycles_of, threshold_units
from drawplate_dataflow.network import Layer, MatMul, Network, Stream


def cycles(layer: Layer, source: Stream) -> int:
    """Return the clocks that a layer takes by itself."""
    if isinstance(layer, MatMul):
        return cycles_of(layer, layer.simd)
    count = len(layer.inputs)
    return stream_structure(layer, [source] * count, [lanes(layer)] * count).cycles


def within(whole: Network, interval: int) -> Network:
    """Fold every layer as narrow as an interval allows: then all are nearly as slow as the slowest."""
    layers = []
    for layer in whole.layers:
        source = whole.sources(layer)[0]
        enough = [found for found in buildable(whole, layer) if cycles(found, source) <= interval]
        layers.append(max(enough, key=lambda found, source=source: cycles(found, source)))
    return evolve(whole, layers=tuple(layers))


def balanced(whole: Network, slack: float) -> Network:
    """Fold for an interval between the shortest (0) and the longest (1) that there is."""
    taken = [[cycles(found, whole.sources(layer)[0]) for found in buildable(whole, layer)] for layer in whole.layers]
    least, most = max(map(min, taken)), max(map(max, taken))
    return within(whole, int(least * (most / least) ** slack))


def scattered(whole: Network, seed: int) -> Network:
    """Fold every layer at random."""
    rng = np.random.default_rng(seed)
    folded = []
    for layer in whole.layers:
        legal = buildable(whole, layer)
        folded.append(legal[int(rng.integers(len(legal)))])
    return evolve(whole, layers=tuple(folded))


def buildable(whole: Network, layer: Layer) -> list[Layer]:
    """Return a layer in all foldings that can be built."""
    found = []
    for choice in choices(layer, whole.sources(layer)[0]):
        made = fold_layer(layer, evolve(choice, dsp_pe=0))
        try:
            if isinstance(made, MatMul):
                check_folding(made)
                threshold_units(made)
        except ModelError:
            continue
        found.append(made)
    return found
