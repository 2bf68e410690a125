# SPDX-License-Identifier: Apache-2.0
"""Clocks from the first word of a frame that goes in to the last word that comes out, when the hardware is empty."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.technology import Technology


def latency(network: Network, cycles: Mapping[str, int], technology: Technology) -> int:
    """Estimate the clocks that one frame takes through a folded network.

    Args:
        network: the network.
        cycles: clocks per frame of every layer.
        technology: device family that it is built for.

    Raises:
        ModelError: when a folding cannot be built.
    """
    first = network.readers(INPUT)[0]
    spans = {INPUT: Span(0, network.input.elements / first.takes)}
    for layer in network.layers:
        came = [spans[name] for name in layer.inputs]
        whole = Span(max(span.first for span in came), max(span.last for span in came))
        spans[layer.name] = layer.span(network.sources(layer), whole, cycles[layer.name], technology)
    return round(spans[network.layers[-1].name].last)
