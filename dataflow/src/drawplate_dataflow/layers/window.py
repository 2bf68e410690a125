# SPDX-License-Identifier: Apache-2.0
"""Sliding window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from attrs import evolve, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.hardware.items import Item
from drawplate_dataflow.layers.sliding import Sliding, slid
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.context import Context
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Window(Sliding):
    """Sliding window (im2col): FINN's ConvolutionInputGenerator.

    One output pixel holds the window row by row, channels innermost.
    """

    operators: ClassVar[tuple[str, ...]] = ("ConvolutionInputGenerator",)
    lanes_key: ClassVar[str] = "SIMD"
    per_word: ClassVar[bool] = False

    simd: int

    @property
    def lanes(self) -> int:
        """Elements moved at once."""
        return self.simd

    @property
    def words_per_output(self) -> int:
        """They leave as they are."""
        return 1

    @classmethod
    def read(cls, node: Node, context: Context) -> Self | None:
        """Read FINN's ConvolutionInputGenerator; a depthwise one is taken in by what pools behind it."""
        if node.pair("Dilation") != (1, 1):
            raise ModelError("a dilated window is not supported", where=node.where, allowed="Dilation = 1, 1")
        if node.integer("depthwise", 0):
            context.pending[node.outputs[0]] = node
            context.senders[node.outputs[0]] = context.source(node)
            return None
        stream, kernel, stride = context.stream(node), node.pair("ConvKernelDim"), node.pair("Stride")
        height, width = slid(node, stream, kernel, stride)
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=evolve(stream, shape=(height, width, kernel[0] * kernel[1] * stream.channels)),
            kernel=kernel,
            stride=stride,
            simd=node.integer("SIMD", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Return windows as pixels."""
        found = self.windows(sources[0])
        return found.reshape(*found.shape[:3], -1)

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield the ring of rows."""
        del technology
        yield self.ring(sources[0], "m")
