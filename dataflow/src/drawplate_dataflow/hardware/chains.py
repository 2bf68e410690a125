# SPDX-License-Identifier: Apache-2.0
"""Carry chains of processing elements: a placer takes positions beside their bits, to enter and to leave them."""

from __future__ import annotations

from drawplate_dataflow.hardware.fork import forked
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.technology import Technology


def carry_chains(network: Network, technology: Technology) -> int:
    """Return the adders of all processing elements of a folded network, each a chain.

    Raises:
        ModelError: when a folding cannot be built.
    """
    sends, total = {INPUT: network.readers(INPUT)[0].takes}, 0.0
    for layer in network.layers:
        sources = network.sources(layer)
        ports = [
            Port(elements=sends[name], bits=source.type.bits, beats=source.elements // sends[name])
            for name, source in zip(layer.inputs, sources, strict=True)
        ]
        total += layer.structure(sources, ports, technology).module.price(technology).chains
        sends[layer.name] = layer.sends
    return round(total)


def units(network: Network) -> int:
    """Return how many layers and forks a network has, each with comparators and counters of its own."""
    return len(network.layers) + len(forked(network))
