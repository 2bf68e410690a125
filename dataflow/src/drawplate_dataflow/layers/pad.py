# SPDX-License-Identifier: Apache-2.0
"""Zeros around an image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil
from typing import ClassVar, Self

import numpy as np
from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.library import Part, part
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.schedule import Delay, fifo_depth
from drawplate_dataflow.hardware.text import CLOCK, declare_stream, instance, stream
from drawplate_dataflow.layers.streaming import Core, Streaming
from drawplate_dataflow.network import INPUT, Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers


@frozen(kw_only=True)
class Pad(Streaming):
    """Zeros around an image: FINN's FMPadding."""

    operators: ClassVar[tuple[str, ...]] = ("FMPadding",)
    lanes_key: ClassVar[str] = "SIMD"

    top: int
    left: int
    bottom: int
    right: int
    simd: int

    @property
    def lanes(self) -> int:
        """Elements moved at once."""
        return self.simd

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's FMPadding."""
        source = context.stream(node)
        top, left, bottom, right = (int(value) for value in node.attributes["Padding"])
        if source.type.zero is None:
            raise ModelError("bipolar values have no zero to pad with", where=node.where)
        height, width, channels = source.shape
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=evolve(source, shape=(height + top + bottom, width + left + right, channels)),
            top=top,
            left=left,
            bottom=bottom,
            right=right,
            simd=node.integer("SIMD", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Add zeros."""
        return np.pad(sources[0], ((0, 0), (self.top, self.bottom), (self.left, self.right), (0, 0)))

    # when words move --------------------------------------------------------------------------------------------------

    def delay(self, source: Stream) -> Delay:
        """Return that of its pixels."""
        return Delay(self.pixel_delay(source) + Fraction(1, source.pixels), 8)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int) -> Span:
        """What is below and beside the last pixel is sent behind it."""
        behind = (self.bottom * self.output.shape[1] + self.right) * sources[0].channels // self.simd
        return Span(came.first, max(came.last + behind, cycles))

    def _edges(self, source: Stream) -> Iterator[tuple[Fraction, Fraction]]:
        """Yield of the first and the last pixel of every row the part of the input and of the output before it."""
        (height, width, _), (_, wide, _) = source.shape, self.output.shape
        for row in range(height):
            for column in {0, width - 1}:
                at = (row + self.top) * wide + column + self.left
                yield Fraction(row * width + column, source.pixels), Fraction(at, self.output.pixels)

    def pixel_delay(self, source: Stream) -> Fraction:
        """Return how long after its input it sends: every pixel is there when it is its turn."""
        pixel = Fraction(1, source.pixels)
        return max(came + pixel - sent for came, sent in self._edges(source))

    def hold(self, source: Stream) -> Fraction:
        """Return the largest part of an image that waits while zeros are sent."""
        delay, pixel = self.pixel_delay(source), Fraction(1, self.output.pixels)
        return max(delay + sent + pixel - came for came, sent in self._edges(source))

    def fifo(self, source: Stream) -> int:
        """Return the depth of the FIFO before it; 0 at the network's input, which comes as fast as it is taken."""
        if self.inputs == (INPUT,):
            return 0
        return fifo_depth(ceil(self.hold(source) * source.elements / self.simd))

    # hardware ---------------------------------------------------------------------------------------------------------

    def core(self, sources: Sequence[Stream], module: str) -> Core:
        """Write the FIFO and the zeros."""
        del module
        source = sources[0]
        bits, zero = source.type.bits, source.type.zero
        if zero is None:
            raise ModelError("bipolar values have no zero to pad with", where=f"layer {self.name}")
        height, width, channels = self.output.shape
        word = sum(zero << (lane * bits) for lane in range(self.simd))
        body, room, came = "", self.fifo(source), "x"
        if room:
            kept = CLOCK | stream("x") | stream("kept", "m")
            body += declare_stream("kept", self.simd * bits)
            body += instance("dp_fifo", "kept", {"BITS": self.simd * bits, "DEPTH": room}, kept)
            came = "kept"
        body += instance(
            "dp_pad",
            "pad",
            {"BITS": self.simd * bits, "H": height, "W": width, "WORDS": channels // self.simd}
            | {"TOP": self.top, "LEFT": self.left, "BOTTOM": height - self.bottom, "RIGHT": width - self.right},
            CLOCK | stream(came) | stream("m", "m"),
        ).replace(".RIGHT(", f".ZERO({self.simd * bits}'h{word:x}), .RIGHT(")
        return Core(body=body, library=(*(("dp_fifo.v",) if room else ()), "dp_pad.v"))

    def parts(self, sources: Sequence[Stream]) -> Iterator[Part]:
        """Yield the FIFO and the zeros."""
        source = sources[0]
        bits, room = self.simd * source.type.bits, self.fifo(source)
        if room:
            yield part("dp_fifo", {"BITS": bits, "DEPTH": room})
        height, width, channels = self.output.shape
        yield part("dp_pad", {"BITS": bits, "H": height, "W": width, "WORDS": channels // self.simd})
