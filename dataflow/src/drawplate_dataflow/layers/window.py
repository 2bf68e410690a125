# SPDX-License-Identifier: Apache-2.0
"""Sliding window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

from attrs import asdict, evolve, frozen

from drawplate_dataflow.hardware.items import Item
from drawplate_dataflow.layers.sliding import Sliding
from drawplate_dataflow.layers.windows import Windows
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
    folds: ClassVar[str] = "SIMD: a divisor of the input's channels"
    needs: ClassVar[str] = "a memory with a clocked read port"

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
        """Read FINN's ConvolutionInputGenerator; a depthwise one is taken in by what reduces it."""
        if node.integer("depthwise", 0):
            context.pending[node.outputs[0]] = node
            context.senders[node.outputs[0]] = context.source(node)
            return None
        stream, windows = context.stream(node), Windows.read(node)
        return cls(
            name=node.name,
            inputs=(context.source(node),),
            output=evolve(stream, shape=(*windows.over(stream, node), windows.size * stream.channels)),
            **asdict(windows),
            simd=node.integer("SIMD", 1),
        )

    def evaluate(self, *sources: Integers) -> Integers:
        """Return windows as pixels."""
        found = self.windows.of(sources[0])
        return found.reshape(*found.shape[:3], -1)

    def core(self, sources: Sequence[Stream], technology: Technology) -> Iterator[Item]:
        """Yield the ring of rows."""
        del technology
        yield self.windows.ring(sources[0], self.simd, "m", per_word=False)
