# SPDX-License-Identifier: Apache-2.0
"""Maximum or sum over windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import ClassVar, Self

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.items import Instance, Item, stream_wires
from drawplate_dataflow.hardware.library import POOL
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.layers.sliding import Sliding, slid
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, spanning
from drawplate_dataflow.technology import Technology


class PoolFunction(StrEnum):
    """How a window becomes one value."""

    MAX = "max"
    SUM = "sum"


@frozen(kw_only=True)
class Pool(Sliding):
    """Maximum or sum over windows of each channel."""

    operators: ClassVar[tuple[str, ...]] = ("Pool", "StreamingMaxPool", "GlobalAccPool")
    per_word: ClassVar[bool] = True

    function: PoolFunction
    pe: int

    @property
    def lanes(self) -> int:
        """Channels pooled at once."""
        return self.pe

    @property
    def words_per_output(self) -> int:
        """Pixels of a window."""
        return self.kernel[0] * self.kernel[1]

    @classmethod
    def read(cls, node: Node, context: Context) -> Self:
        """Read FINN's Pool behind a depthwise window, StreamingMaxPool or GlobalAccPool."""
        if node.kind == "GlobalAccPool":
            return cls._global_sum(node, context)
        if node.kind == "StreamingMaxPool":
            kernel = node.pair("PoolDim")
            return cls._maximum(node, context, kernel, kernel)
        window = context.pending.pop(node.inputs[0], None)
        named = node.text("Function")
        if named != "MaxPool" or window is None:
            raise ModelError(f"the pooling {named!r} is not supported", where=node.where, allowed="MaxPool")
        return cls._maximum(node, context, window.pair("ConvKernelDim"), window.pair("Stride"))

    @classmethod
    def _maximum(cls, node: Node, context: Context, kernel: tuple[int, int], stride: tuple[int, int]) -> Self:
        source = context.stream(node)
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=evolve(source, shape=(*slid(node, source, kernel, stride), source.channels)),
            function=PoolFunction.MAX,
            kernel=kernel,
            stride=stride,
            pe=node.integer("PE", 1),
        )

    @classmethod
    def _global_sum(cls, node: Node, context: Context) -> Self:
        source = context.stream(node)
        kernel = source.shape[:2]
        total = spanning(source.type.low * source.pixels, source.type.high * source.pixels)
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=Stream(shape=(1, 1, source.channels), type=total),
            function=PoolFunction.SUM,
            kernel=kernel,
            stride=kernel,
            pe=node.integer("PE", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Reduce every window."""
        found = self.windows(sources[0])
        result: Integers = found.max(axis=(3, 4)) if self.function is PoolFunction.MAX else found.sum(axis=(3, 4))
        return result

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield a window of every group of lanes, reduced word by word."""
        del technology
        bits, summed = sources[0].type.bits, self.function is PoolFunction.SUM
        yield from stream_wires("y", self.pe * bits)
        yield self.ring(sources[0], "y")
        cell = POOL(IB=bits, OB=self.output.type.bits, LANES=self.pe, COUNT=self.words_per_output, SUM=int(summed))
        yield Instance(cell, "pool", CLOCK | stream("y") | stream("m", "m"))
