# SPDX-License-Identifier: Apache-2.0
"""What sliding windows and pooling share: the ring of rows, and when its words move."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil
from typing import ClassVar

import numpy as np
from attrs import frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.items import Instance
from drawplate_dataflow.hardware.library import WINDOW
from drawplate_dataflow.hardware.schedule import Delay
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.layers.streaming import Streaming
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Sliding(Streaming):
    """Windows of an image, in reading order."""

    per_word: ClassVar[bool]
    """Whether a window is sent channel group by channel group, instead of pixel by pixel."""

    kernel: tuple[int, int]
    """Rows and columns of a window."""
    stride: tuple[int, int]
    """Rows and columns between two windows."""

    @property
    @abstractmethod
    def words_per_output(self) -> int:
        """Words that leave the ring of rows for a word of the output."""

    def windows(self, x: Integers) -> Integers:
        """Return all windows, [N, out height, out width, kernel height, kernel width, channels]."""
        view = np.lib.stride_tricks.sliding_window_view(x, self.kernel, axis=(1, 2))
        return view[:, :: self.stride[0], :: self.stride[1]].transpose(0, 1, 2, 4, 5, 3)

    def cycles(self, sources: Sequence[Stream], beats: Sequence[int]) -> int:
        """Return the clocks of its narrowest place."""
        moved = self.output.elements // self.lanes * self.words_per_output
        return max(super().cycles(sources, beats), moved)

    def delay(self, source: Stream) -> Delay:
        """Return that of its windows."""
        return Delay(self.window_delay(source), 8)

    def span(self, sources: Sequence[Stream], came: Span, cycles: int, technology: Technology) -> Span:
        """A row of windows is sent when the last row of the image that it covers is there."""
        del cycles, technology
        height, high = sources[0].shape[0], self.output.shape[0]
        moved = self.output.elements / self.lanes / high * self.words_per_output
        starts = [came.after((y * self.stride[0] + self.kernel[0]) / height) for y in range(high)]
        return Span(starts[0] + 2, max(at + (high - y) * moved for y, at in enumerate(starts)) + 2)

    def window_delay(self, source: Stream) -> Fraction:
        """Return how long after its input it sends: the last row of every window is there when its row begins."""
        height, high = source.shape[0], self.output.shape[0]
        kernel, stride = self.kernel[0], self.stride[0]
        return max(Fraction(y * stride + kernel, height) - Fraction(y, high) for y in range(high))

    def kept_rows(self) -> Iterator[int]:
        """Return the rows of an image that some window covers, ascending."""
        kernel, stride = self.kernel[0], self.stride[0]
        high = self.output.shape[0]
        return (row for row in range((high - 1) * stride + kernel) if row % stride < kernel)

    def ring_rows(self, source: Stream) -> int:
        """Return the most rows that are kept: those that are still needed, and those that arrived meanwhile."""
        height, high = source.shape[0], self.output.shape[0]
        kernel, step = self.kernel[0], min(self.kernel[0], self.stride[0])
        kept, delay = list(self.kept_rows()), self.window_delay(source)

        def arrived(time: Fraction) -> int:
            """Rows to be kept of which words have come before a time."""
            frames, rows = divmod(ceil(time * height), height)
            return frames * len(kept) + sum(row < rows for row in kept)

        return max(kernel, *(arrived(delay + Fraction(y + 1, high)) - y * step for y in range(high)))

    def ring(self, source: Stream, target: str) -> Instance:
        """Return the ring of rows, from the nets ``x`` to the nets ``target``."""
        height, width, channels = source.shape
        cell = WINDOW(
            BITS=self.lanes * source.type.bits,
            H=height,
            W=width,
            WORDS=channels // self.lanes,
            KH=self.kernel[0],
            KW=self.kernel[1],
            SH=self.stride[0],
            SW=self.stride[1],
            ROWS=self.ring_rows(source),
            PER_WORD=int(self.per_word),
        )
        return Instance(cell, "window", CLOCK | stream("x") | stream(target, "m"))


def slid(node: Node, stream: Stream, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    """Return rows and columns of windows.

    Raises:
        ModelError: when none fits.
    """
    height, width, _ = stream.shape
    if kernel[0] > height or kernel[1] > width:
        raise ModelError(
            f"a window of {kernel[0]} x {kernel[1]} pixels does not fit an image of {height} x {width}",
            where=node.where,
            hint="use a smaller kernel, or padding",
        )
    return (height - kernel[0]) // stride[0] + 1, (width - kernel[1]) // stride[1] + 1
