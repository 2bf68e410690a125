# SPDX-License-Identifier: Apache-2.0
"""What sliding windows and pooling share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from attrs import frozen

from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.layers.windows import Pair, Windows
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.delay import Delay
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Sliding(Streaming):
    """A layer that moves windows of an image."""

    kernel: Pair
    """Rows and columns of a window."""
    stride: Pair
    """Rows and columns between two windows."""
    dilation: Pair = (1, 1)
    """Rows and columns between two numbers of a window."""

    @property
    def windows(self) -> Windows:
        """Where they lie."""
        return Windows(kernel=self.kernel, stride=self.stride, dilation=self.dilation)

    @property
    @abstractmethod
    def words_per_output(self) -> int:
        """Words that leave the ring of rows for a word of the output."""

    def cycles(self, sources: Sequence[Stream], beats: Sequence[int]) -> int:
        """Return the clocks of its narrowest place."""
        moved = self.output.elements // self.lanes * self.words_per_output
        return max(super().cycles(sources, beats), moved)

    def least_cycles(self, sources: Sequence[Stream]) -> int:
        """Return the clocks when every word is a pixel."""
        moved = self.output.elements // sources[0].channels * self.words_per_output
        return max(super().least_cycles(sources), moved)

    def delay(self, source: Stream) -> Delay:
        """Return that of its windows."""
        return Delay(self.windows.delay(source.shape[0]), 8)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """Return that of its windows."""
        del cycles, technology
        return self.windows.span(sources[0], came, self.output.elements / self.lanes * self.words_per_output)
