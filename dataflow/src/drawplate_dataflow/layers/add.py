# SPDX-License-Identifier: Apache-2.0
"""Sum of two streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.items import Assign, Instance, Item, Wires
from drawplate_dataflow.hardware.library import ADD
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, IntType, spanning
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Add(Streaming):
    """Sum of two streams, element by element: FINN's AddStreams."""

    operators: ClassVar[tuple[str, ...]] = ("AddStreams", "ElementwiseAdd")
    commutes: ClassVar[bool] = True
    folds: ClassVar[str] = "PE: a divisor of the channels"
    needs: ClassVar[str] = "adders"

    pe: int

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read a node of two streams of one shape."""
        a, b = context.stream(node, 0), context.stream(node, 1)
        if a.shape != b.shape:
            raise ModelError(f"reads streams of the shapes {a.shape} and {b.shape}", where=node.where)
        if a.type.step != b.type.step:
            raise ModelError(f"reads streams of {a.type} and of {b.type}", where=node.where)
        total = cls.type_of(a.type, b.type)
        return cls(
            name=node.name,
            inputs=(context.source(node, 0), context.source(node, 1)),
            output=evolve(a, type=total),
            pe=node.integer("PE", 1),
        )

    @classmethod
    def type_of(cls, a: IntType, b: IntType) -> IntType:
        """Return the type of the result."""
        return spanning(a.low + b.low, a.high + b.high, a.step)

    def evaluate(self, *sources: Integers) -> Integers:
        """Add."""
        a, b = sources
        return a + b

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield the adder, which waits for a word of both."""
        del technology
        yield self._adder(sources, stream("b", "b"))

    def _adder(self, sources: Sequence[Stream], second: dict[str, str]) -> Instance:
        a, b = (source.type.bits for source in sources)
        cell = ADD(AB=a, BB=b, OB=self.output.type.bits, LANES=self.pe)
        return Instance(cell, "add", CLOCK | stream("a", "a") | second | stream("m", "m"))


@frozen(kw_only=True)
class Sub(Add):
    """Difference of two streams, element by element: FINN's ElementwiseSub."""

    operators: ClassVar[tuple[str, ...]] = ("ElementwiseSub",)
    commutes: ClassVar[bool] = False

    @classmethod
    def type_of(cls, a: IntType, b: IntType) -> IntType:
        """Return the type of the result."""
        return spanning(a.low - b.high, a.high - b.low, a.step)

    def evaluate(self, *sources: Integers) -> Integers:
        """Take the second off the first."""
        a, b = sources
        return a - b

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield an adder of the first and the complement of the second, whose codes count down from its highest."""
        del technology
        yield Wires(self.pe * sources[1].type.bits, ("turned",))
        yield Assign({"turned": "~b_data"})
        yield self._adder(sources, stream("b", "b") | {"b_data": "turned"})
