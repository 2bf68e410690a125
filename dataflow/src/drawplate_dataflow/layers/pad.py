# SPDX-License-Identifier: Apache-2.0
"""A border around an image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import ClassVar, Self

import numpy as np
from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.items import Instance, Item, stream_wires
from drawplate_dataflow.hardware.library import FIFO, PAD
from drawplate_dataflow.hardware.schedule import fifo_depth
from drawplate_dataflow.hardware.text import CLOCK, Bits, stream
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.network import INPUT, Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.delay import Delay
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Pad(Streaming):
    """Zeros around an image, FINN's FMPadding; or another number (``Fill``, for which FINN has no word)."""

    operators: ClassVar[tuple[str, ...]] = ("FMPadding",)
    lanes_key: ClassVar[str] = "SIMD"
    folds: ClassVar[str] = "SIMD: a divisor of the channels"
    needs: ClassVar[str] = "a memory for its FIFO"

    top: int
    left: int
    bottom: int
    right: int
    fill: int = 0
    """The number that is put around."""
    simd: int

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's FMPadding."""
        source = context.stream(node)
        top, left, bottom, right = (int(value) for value in node.attributes["Padding"])
        fill = node.integer("Fill", 0)
        if source.type.code(fill) is None:
            raise ModelError(f"{source.type} has no {fill} to pad with", where=node.where)
        height, width, channels = source.shape
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=evolve(source, shape=(height + top + bottom, width + left + right, channels)),
            top=top,
            left=left,
            bottom=bottom,
            right=right,
            fill=fill,
            simd=node.integer("SIMD", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Put the number around."""
        widths = ((0, 0), (self.top, self.bottom), (self.left, self.right), (0, 0))
        return np.pad(sources[0], widths, constant_values=self.fill)

    # when words move --------------------------------------------------------------------------------------------------

    def delay(self, source: Stream) -> Delay:
        """Return that of its pixels."""
        return Delay(self.pixel_delay(source) + Fraction(1, source.pixels), 8)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """What is below and beside the last pixel is sent behind it."""
        del technology
        behind = (self.bottom * self.output.shape[1] + self.right) * sources[0].channels // self.simd
        return Span(came.first, max(came.last + behind, cycles))

    def pixel_delay(self, source: Stream) -> Fraction:
        """Return how long after its input it sends: every pixel is there when it is its turn."""
        return _waits(source.shape[:2], self.output.shape[:2], self.top, self.left)[0]

    def hold(self, source: Stream) -> Fraction:
        """Return the largest part of an image that waits while zeros are sent."""
        return _waits(source.shape[:2], self.output.shape[:2], self.top, self.left)[1]

    def fifo(self, source: Stream) -> int:
        """Return the depth of the FIFO before it; 0 at the network's input, which comes as fast as it is taken."""
        if self.inputs == (INPUT,):
            return 0
        return fifo_depth(ceil(self.hold(source) * source.elements / self.simd))

    # hardware ---------------------------------------------------------------------------------------------------------

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield the FIFO and the zeros."""
        del technology
        source = sources[0]
        code, came, room, width = source.type.code(self.fill), "x", self.fifo(source), self.simd * source.type.bits
        if code is None:
            raise ModelError(f"{source.type} has no {self.fill} to pad with", where=f"layer {self.said}")
        if room:
            came = "kept"
            yield from stream_wires("kept", width)
            yield Instance(FIFO(BITS=width, DEPTH=room), "kept", CLOCK | stream("x") | stream("kept", "m"))
        rows, columns, channels = self.output.shape
        cell = PAD(
            BITS=width,
            H=rows,
            W=columns,
            WORDS=channels // self.simd,
            TOP=self.top,
            LEFT=self.left,
            BOTTOM=rows - self.bottom,
            ZERO=Bits(width, sum(code << (lane * source.type.bits) for lane in range(self.simd))),
            RIGHT=columns - self.right,
        )
        yield Instance(cell, "pad", CLOCK | stream(came) | stream("m", "m"))


@lru_cache(maxsize=1024)
def _waits(image: tuple[int, int], padded: tuple[int, int], top: int, left: int) -> tuple[Fraction, Fraction]:
    """Return how long after its input an image is sent, and the largest part of it that waits.

    Of the first and the last pixel of every row, ``ahead`` is how far it comes in before it leaves.
    """
    (height, width), (high, wide) = image, padded
    came, sent = height * width, high * wide
    ahead = [
        (row * width + column) * sent - ((row + top) * wide + column + left) * came
        for row in range(height)
        for column in {0, width - 1}
    ]
    delay = Fraction(max(ahead) + sent, came * sent)
    return delay, delay + Fraction(came - min(ahead), came * sent)
