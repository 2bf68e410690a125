# SPDX-License-Identifier: Apache-2.0
"""What layers take, and what lies between them, without synthesis."""

from __future__ import annotations

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.model import LayerCost
from drawplate_dataflow.hardware.fork import forked
from drawplate_dataflow.network import INPUT, Network


def estimate_layers(network: Network, model: LayerCost) -> dict[str, Estimate]:
    """Estimate every layer as it is folded.

    Raises:
        ModelError: when a folding cannot be built.
    """
    network.check_words()
    sends = {INPUT: network.readers(INPUT)[0].takes}
    found = {}
    for layer in network.layers:
        beats = [sends[name] for name in layer.inputs]
        found[layer.name] = model.estimate(layer, network.sources(layer), beats)
        sends[layer.name] = layer.sends
    return found


def estimate_forks(network: Network, model: LayerCost) -> dict[str, Estimate]:
    """Estimate what lies between layers where a stream has several readers; it takes no clocks of its own."""
    found = {}
    for name in forked(network):
        sends = network.readers(INPUT)[0].takes if name == INPUT else network.layer(name).sends
        found[f"{name}_fork"] = Estimate(resources=model.fork(network, name, sends), cycles=0)
    return found
