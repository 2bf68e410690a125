# SPDX-License-Identifier: Apache-2.0
"""Carry chains of processing elements: a placer takes positions beside their bits, to enter and to leave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drawplate_dataflow.hardware.fork import forked
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.technology import Technology

FORK: Final = "fork"
"""Kind of what lies between layers where a stream has several readers."""
Units = Sequence[str]
"""Kinds: names of classes of layers, and :data:`FORK`."""


def carry_chains(network: Network, technology: Technology) -> int:
    """Return the adders of all processing elements of a folded network, each a chain.

    Raises:
        ModelError: when a folding cannot be built.
    """
    sends, total = {INPUT: network.readers(INPUT)[0].takes}, 0.0
    for layer in network.layers:
        sources = network.sources(layer)
        ports = [Port.of(source, sends[name]) for name, source in zip(layer.inputs, sources, strict=True)]
        total += layer.structure(sources, ports, technology).module.price(technology).chains
        sends[layer.name] = layer.sends
    return round(total)


def units(network: Network) -> tuple[str, ...]:
    """Return the kinds of all layers and forks of a network, which have comparators and counters of their own.

    A fork counts once per way out but one: each of those may have a FIFO, and one needs none.
    """
    ways = (sum(layer.inputs.count(name) for layer in network.readers(name)) for name in forked(network))
    forks = (FORK for count in ways for _ in range(count - 1))
    return (*(type(layer).__name__ for layer in network.layers), *forks)
