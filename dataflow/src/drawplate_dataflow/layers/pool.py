# SPDX-License-Identifier: Apache-2.0
"""Maximum or sum over windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import ClassVar, Self

from attrs import asdict, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.items import Instance, Item, stream_wires
from drawplate_dataflow.hardware.library import POOL
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.layers.sliding import Sliding
from drawplate_dataflow.layers.windows import Windows
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, spanning
from drawplate_dataflow.technology import Technology


class PoolFunction(StrEnum):
    """How a window becomes one value."""

    MAX = "max"
    SUM = "sum"


FUNCTIONS = {"MaxPool": PoolFunction.MAX, "QuantAvgPool": PoolFunction.SUM}
"""By FINN's names; its average is a sum, shifted by Size bits."""


@frozen(kw_only=True)
class Pool(Sliding):
    """Maximum or sum over windows of each channel."""

    operators: ClassVar[tuple[str, ...]] = ("Pool", "StreamingMaxPool", "GlobalAccPool")
    folds: ClassVar[str] = "PE: a divisor of the channels"
    needs: ClassVar[str] = "a memory with a clocked read port, adders"

    function: PoolFunction
    pe: int

    @property
    def words_per_output(self) -> int:
        """Pixels of a window."""
        return self.kernel[0] * self.kernel[1]

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's Pool behind a depthwise window, StreamingMaxPool or GlobalAccPool."""
        if node.kind == "GlobalAccPool":
            whole = context.stream(node).shape[:2]
            return cls._of(node, context, PoolFunction.SUM, Windows(kernel=whole, stride=whole))
        if node.kind == "StreamingMaxPool":
            size = node.pair("PoolDim")
            return cls._of(node, context, PoolFunction.MAX, Windows(kernel=size, stride=size))
        window = context.pending.pop(node.inputs[0], None)
        named = node.text("Function")
        if named not in FUNCTIONS or window is None:
            raise ModelError(f"the pooling {named!r} is not supported", where=node.where, allowed=list(FUNCTIONS))
        if FUNCTIONS[named] is PoolFunction.SUM and node.integer("Size", 0):
            raise ModelError("a sum that drops its lowest bits is not supported", where=node.where, allowed="Size = 0")
        return cls._of(node, context, FUNCTIONS[named], Windows.read(window))

    @classmethod
    def _of(cls, node: Node, context: Context, function: PoolFunction, windows: Windows) -> Self:
        source = context.stream(node)
        x, count = source.type, windows.size
        total = x if function is PoolFunction.MAX else spanning(x.low * count, x.high * count, x.step)
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=Stream(shape=(*windows.over(source, node), source.channels), type=total),
            function=function,
            pe=node.integer("PE", 1),
            **asdict(windows),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Reduce every window."""
        found = self.windows.of(sources[0])
        result: Integers = found.max(axis=(3, 4)) if self.function is PoolFunction.MAX else found.sum(axis=(3, 4))
        return result

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield a window of every group of lanes, reduced word by word."""
        del technology
        bits, summed = sources[0].type.bits, self.function is PoolFunction.SUM
        yield from stream_wires("y", self.pe * bits)
        yield self.windows.ring(sources[0], self.pe, "y", per_word=True)
        cell = POOL(IB=bits, OB=self.output.type.bits, LANES=self.pe, COUNT=self.words_per_output, SUM=int(summed))
        yield Instance(cell, "pool", CLOCK | stream("y") | stream("m", "m"))
