# SPDX-License-Identifier: Apache-2.0
"""Sum of two streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.items import Instance, Item
from drawplate_dataflow.hardware.library import ADD
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, spanning
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Add(Streaming):
    """Sum of two streams, element by element: FINN's AddStreams."""

    operators: ClassVar[tuple[str, ...]] = ("AddStreams", "ElementwiseAdd")
    commutes: ClassVar[bool] = True

    pe: int

    @property
    def lanes(self) -> int:
        """Elements added at once."""
        return self.pe

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's AddStreams or ElementwiseAdd of two streams of one shape."""
        missing = [name for name in node.inputs if name not in context.senders]
        if missing:
            raise ModelError(f"adds a constant ({missing[0]!r}), not a stream", where=node.where)
        a, b = context.stream(node, 0), context.stream(node, 1)
        if a.shape != b.shape:
            raise ModelError(f"adds streams of shapes {a.shape} and {b.shape}", where=node.where)
        total = spanning(a.type.low + b.type.low, a.type.high + b.type.high)
        return cls(
            name=node.name,
            inputs=(context.source(node, 0), context.source(node, 1)),
            output=evolve(a, type=total),
            pe=node.integer("PE", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Add."""
        a, b = sources
        return a + b

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield the adder, which waits for a word of both."""
        del technology
        a, b = (source.type.bits for source in sources)
        cell = ADD(AB=a, BB=b, OB=self.output.type.bits, LANES=self.pe)
        yield Instance(cell, "add", CLOCK | stream("a", "a") | stream("b", "b") | stream("m", "m"))
