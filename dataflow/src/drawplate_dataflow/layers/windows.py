# SPDX-License-Identifier: Apache-2.0
"""Windows of an image: where they lie, when their words move, and the ring of rows that holds them."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from functools import lru_cache
from math import ceil

import numpy as np
from attrs import frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.span import Span
from drawplate_dataflow.hardware.items import Instance
from drawplate_dataflow.hardware.library import WINDOW
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.network import Stream
from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers

Pair = tuple[int, int]
"""Of rows and of columns."""


@frozen(kw_only=True)
class Windows:
    """Windows in reading order."""

    kernel: Pair
    """Numbers of a window."""
    stride: Pair
    """Pixels between two windows."""
    dilation: Pair = (1, 1)
    """Pixels between two numbers of a window."""

    @classmethod
    def read(cls, node: Node) -> Windows:
        """Read FINN's ConvolutionInputGenerator."""
        dilation = node.pair("Dilation") if "Dilation" in node.attributes else (1, 1)
        return cls(kernel=node.pair("ConvKernelDim"), stride=node.pair("Stride"), dilation=dilation)

    @property
    def size(self) -> int:
        """Numbers of a window, of one channel."""
        return self.kernel[0] * self.kernel[1]

    @property
    def reach(self) -> Pair:
        """Pixels from the first to the last number of a window."""
        return (self.kernel[0] - 1) * self.dilation[0] + 1, (self.kernel[1] - 1) * self.dilation[1] + 1

    def over(self, image: Stream, node: Node) -> Pair:
        """Return rows and columns of windows.

        Raises:
            ModelError: by the node's name, when none fits.
        """
        (height, width, _), (rows, columns) = image.shape, self.reach
        if rows > height or columns > width:
            raise ModelError(
                f"a window of {rows} x {columns} pixels does not fit an image of {height} x {width}",
                where=node.where,
                hint="use a smaller kernel, or padding",
            )
        return self.count(height, 0), self.count(width, 1)

    def count(self, size: int, axis: int) -> int:
        """Return the windows side by side along an axis of an image."""
        return (size - self.reach[axis]) // self.stride[axis] + 1

    def of(self, x: Integers) -> Integers:
        """Return all windows, [N, out height, out width, kernel height, kernel width, channels]."""
        view = np.lib.stride_tricks.sliding_window_view(x, self.reach, axis=(1, 2))
        (down, across), (rows, columns) = self.stride, self.dilation
        return view[:, ::down, ::across, :, ::rows, ::columns].transpose(0, 1, 2, 4, 5, 3)

    # when words move --------------------------------------------------------------------------------------------------

    def delay(self, height: int) -> Fraction:
        """Return how long after its input a row of windows is sent: the last row that it needs is there by then."""
        return _delay(self, height)

    def span(self, image: Stream, came: Span, words: float) -> Span:
        """Return when the first and the last of so many words leave: a row of them when its last row has come."""
        height = image.shape[0]
        high = self.count(height, 0)
        starts = [came.after((y * self.stride[0] + self.reach[0]) / height) for y in range(high)]
        return Span(starts[0] + 2, max(at + (high - y) * words / high for y, at in enumerate(starts)) + 2)

    def rows(self, height: int) -> int:
        """Return the most rows that are kept: those that are still needed, and those that arrived meanwhile."""
        return _rows(self, height)

    # hardware ---------------------------------------------------------------------------------------------------------

    def ring(self, image: Stream, lanes: int, target: str, *, per_word: bool) -> Instance:
        """Return the ring of rows, from the nets ``x`` to the nets ``target``.

        Args:
            image: what it keeps rows of.
            lanes: channels that move at once.
            target: first part of the names of the nets that it drives.
            per_word: whether a window is sent channel group by channel group, instead of pixel by pixel.
        """
        height, width, channels = image.shape
        dilated = {"DH": self.dilation[0], "DW": self.dilation[1]} if self.dilation != (1, 1) else {}
        cell = WINDOW(
            BITS=lanes * image.type.bits,
            H=height,
            W=width,
            WORDS=channels // lanes,
            KH=self.kernel[0],
            KW=self.kernel[1],
            SH=self.stride[0],
            SW=self.stride[1],
            ROWS=self.rows(height),
            PER_WORD=int(per_word),
            **dilated,
        )
        return Instance(cell, "window", CLOCK | stream("x") | stream(target, "m"))


@lru_cache(maxsize=1024)
def _delay(windows: Windows, height: int) -> Fraction:
    high, reach, stride = windows.count(height, 0), windows.reach[0], windows.stride[0]
    return max(Fraction(y * stride + reach, height) - Fraction(y, high) for y in range(high))


@lru_cache(maxsize=1024)
def _rows(windows: Windows, height: int) -> int:
    high, reach, stride = windows.count(height, 0), windows.reach[0], windows.stride[0]
    kept = [row for row in range((high - 1) * stride + reach) if row % stride < reach]  # that some window reaches over
    step, delay = min(reach, stride), _delay(windows, height)

    def arrived(time: Fraction) -> int:
        """Rows to be kept of which words have come before a time."""
        frames, rows = divmod(ceil(time * height), height)
        return frames * len(kept) + bisect_left(kept, rows)

    return max(reach, *(arrived(delay + Fraction(y + 1, high)) - y * step for y in range(high)))
