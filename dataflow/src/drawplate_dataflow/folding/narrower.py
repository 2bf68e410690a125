# SPDX-License-Identifier: Apache-2.0
"""The same network with fewer bits: its shapes and prices, not its answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve

from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import Layer, Network
from drawplate_dataflow.network.types import BIPOLAR, Integers, IntType, signed, unsigned


def widest_weights(network: Network) -> int:
    """Return the most bits of a matrix's weights, at least 1."""
    return max((layer.weight_type.bits for layer in network.layers if isinstance(layer, MatMul)), default=1)


def with_weights(network: Network, bits: int) -> Network:
    """Return a network whose matrices' weights have at most so many bits, as many codes below 0 as above."""
    kind = BIPOLAR if bits == 1 else signed(bits)
    layers: list[Layer] = []
    for layer in network.layers:
        if isinstance(layer, MatMul) and layer.weight_type.bits > bits:
            signs = np.where(layer.weights < 0, -1, 1)
            weights = signs if bits == 1 else np.clip(layer.weights, -kind.high, kind.high)
            layers.append(evolve(layer, weights=weights, weight_type=kind))
        else:
            layers.append(layer)
    return evolve(network, layers=tuple(layers))


def with_activations(network: Network, bits: int) -> Network:
    """Return a network whose activations have at most so many bits behind thresholds; sums keep what they have."""
    before, now = dict(network.streams), dict(network.streams)
    layers: list[Layer] = []
    for layer in network.layers:
        thresholds, kind = getattr(layer, "thresholds", None), layer.output.type
        changes: dict[str, Any] = {}
        if thresholds is not None and kind.bits > bits:
            kind = signed(bits) if kind.low < 0 else unsigned(bits)
            changes = {"thresholds": _fewer(thresholds, kind)}
        elif thresholds is None and all(before[name].type == kind for name in layer.inputs):
            kind = now[layer.inputs[0]].type
        output = evolve(layer.output, type=kind)
        layers.append(evolve(layer, output=output, **changes))
        now[layer.name] = output
    return evolve(network, layers=tuple(layers))


def _fewer(thresholds: Integers, kind: IntType) -> Integers:
    """Return as many thresholds of every channel as codes of a type can be told apart by."""
    count = min(thresholds.shape[1], (1 << kind.bits) - 1)
    return thresholds[:, np.linspace(0, thresholds.shape[1] - 1, count).astype(int)]
