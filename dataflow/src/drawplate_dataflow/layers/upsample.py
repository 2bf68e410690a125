# SPDX-License-Identifier: Apache-2.0
"""Nearest-neighbour upsampling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import ClassVar, Self

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.items import Instance, Item
from drawplate_dataflow.hardware.library import UPSAMPLE
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.delay import Delay
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Upsample(Streaming):
    """Every pixel a whole number of times in both directions: FINN's UpsampleNearestNeighbour."""

    operators: ClassVar[tuple[str, ...]] = ("UpsampleNearestNeighbour",)
    lanes_key: ClassVar[str] = "SIMD"
    folds: ClassVar[str] = "SIMD: a divisor of the channels"
    needs: ClassVar[str] = "a memory with a clocked read port"

    factors: tuple[int, int]
    """Rows and columns that a pixel becomes."""
    simd: int

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's UpsampleNearestNeighbour."""
        source = context.stream(node)
        height, width, channels = source.shape
        rows, columns = node.integer("HO"), node.integer("WO")
        if rows % height or columns % width:
            raise ModelError(f"{rows} x {columns} pixels are no multiple of {height} x {width}", where=node.where)
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=evolve(source, shape=(rows, columns, channels)),
            factors=(rows // height, columns // width),
            simd=node.integer("SIMD", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Repeat rows and columns."""
        down, across = self.factors
        return sources[0].repeat(down, axis=1).repeat(across, axis=2)

    def delay(self, source: Stream) -> Delay:
        """Return that of a row."""
        return Delay(Fraction(1, source.shape[0]), 8)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """A row is sent when it has come."""
        del technology
        height = sources[0].shape[0]
        first = came.after(1 / height)
        return Span(first + 2, max(first + cycles, came.last + cycles / height) + 2)

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield the two rows that are kept."""
        del technology
        source = sources[0]
        cell = UPSAMPLE(
            BITS=self.simd * source.type.bits,
            W=source.shape[1],
            WORDS=source.channels // self.simd,
            FH=self.factors[0],
            FW=self.factors[1],
        )
        yield Instance(cell, "upsample", CLOCK | stream("x") | stream("m", "m"))
