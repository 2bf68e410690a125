# SPDX-License-Identifier: Apache-2.0
"""Clocks from the first word of a frame that goes in to the last word that comes out, when the hardware is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from drawplate_dataflow.cost.streams import lanes
from drawplate_dataflow.hardware.plan import plan_matmul
from drawplate_dataflow.network import INPUT, Layer, MatMul, Network, Pad, Pool, Stream, Threshold, Window

REGISTERS: Final = 4
"""Clocks of a matrix layer beside its adders and thresholds: operands, accumulator, drain, output FIFO."""


@frozen
class Span:
    """Clocks at which the first and the last word of a frame move; those between are taken to be evenly spread."""

    first: float
    last: float

    def after(self, part: float) -> float:
        """Return the clock at which a part of the frame has moved."""
        return self.first + part * (self.last - self.first)


def latency(network: Network, cycles: Mapping[str, int]) -> int:
    """Estimate the clocks that one frame takes through a folded network.

    Args:
        network: the network.
        cycles: clocks per frame of every layer.

    Raises:
        ModelError: when a folding cannot be built.
    """
    first = network.readers(INPUT)[0]
    spans = {INPUT: Span(0, network.input.elements / lanes(first))}
    for layer in network.layers:
        spans[layer.name] = _through(
            layer, network.sources(layer), [spans[name] for name in layer.inputs], cycles[layer.name]
        )
    return round(spans[network.layers[-1].name].last)


def _through(layer: Layer, sources: Sequence[Stream], came: Sequence[Span], cycles: int) -> Span:
    source, x = sources[0], Span(max(span.first for span in came), max(span.last for span in came))
    match layer:
        case MatMul():
            return _matrix(layer, source, x, cycles)
        case Window() | Pool():
            return _window(layer, source, x)
        case Pad():
            behind = (layer.bottom * layer.output.shape[1] + layer.right) * source.channels // layer.simd
            return Span(x.first, max(x.last + behind, cycles))
        case Threshold():
            stages = 2 * layer.output.type.bits + 3
            return Span(x.first + stages, max(x.last, x.first + cycles) + stages)
        case _:
            return Span(x.first + 1, max(x.last, x.first + cycles) + 1)


def _matrix(layer: MatMul, source: Stream, x: Span, cycles: int) -> Span:
    """The first pass over a vector reads words as they come; later ones repeat them."""
    pixels, repeated = layer.output.pixels, layer.sf * (layer.nf - 1)
    plan = plan_matmul(layer, source.type, "layer", layer.simd)
    begins = max(x.first, x.after(1 / pixels) - layer.sf)
    ends = max(begins + cycles, x.last + repeated)
    behind = plan.latency + plan.late + REGISTERS + 2 * layer.output.type.bits
    return Span(begins + layer.sf + behind, ends + behind + layer.pe // plan.units)


def _window(layer: Window | Pool, source: Stream, x: Span) -> Span:
    """A row of windows is sent when the last row of the image that it covers is there."""
    height, high = source.shape[0], layer.output.shape[0]
    moved = layer.output.elements / lanes(layer) / high
    if isinstance(layer, Pool):
        moved *= layer.kernel[0] * layer.kernel[1]
    starts = [x.after((y * layer.stride[0] + layer.kernel[0]) / height) for y in range(high)]
    return Span(starts[0] + 2, max(at + (high - y) * moved for y, at in enumerate(starts)) + 2)
