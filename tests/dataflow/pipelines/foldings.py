# SPDX-License-Identifier: Apache-2.0
"""Foldings of a network: all layers nearly as slow as the slowest, or at random."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from drawplate.errors import ModelError
from drawplate_dataflow.network import Layer, Network
from drawplate_dataflow.technology import GENERIC


def cycles(layer: Layer, whole: Network) -> int:
    """Return the clocks that a layer takes by itself."""
    sources = whole.sources(layer)
    return layer.cycles(sources, [layer.takes] * len(sources))


def within(whole: Network, interval: int) -> Network:
    """Fold every layer as narrow as an interval allows: then all are nearly as slow as the slowest."""
    layers = []
    for layer in whole.layers:
        enough = [found for found in buildable(whole, layer) if cycles(found, whole) <= interval]
        layers.append(max(enough, key=lambda found: cycles(found, whole)))
    return evolve(whole, layers=tuple(layers))


def balanced(whole: Network, slack: float) -> Network:
    """Fold for an interval between the shortest (0) and the longest (1) that there is."""
    taken = [[cycles(found, whole) for found in buildable(whole, layer)] for layer in whole.layers]
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
    """Return a layer in all foldings that can be built, blocks left out."""
    sources, found = whole.sources(layer), []
    for folding in layer.foldings(sources, GENERIC, 220):
        made = layer.folded(evolve(folding, dsp_pe=0))
        try:
            made.check(sources)
            made.sends  # noqa: B018 - raises
        except ModelError:
            continue
        found.append(made)
    return found
