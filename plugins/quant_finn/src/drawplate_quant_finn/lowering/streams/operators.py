# SPDX-License-Identifier: Apache-2.0
"""What happens to integers between a network's input and its output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

Frame = tuple[int, int, int]
"""Height, width and channels of what flows, the channels fastest; (1, 1, n) for a vector."""


@frozen(kw_only=True)
class Window:
    """A kernel that slides over an image."""

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)

    @property
    def reach(self) -> tuple[int, int]:
        """Rows and columns from its first to its last number."""
        (rows, columns), (down, across) = self.kernel, self.dilation
        return down * (rows - 1) + 1, across * (columns - 1) + 1

    @property
    def size(self) -> int:
        """Numbers of one channel."""
        return self.kernel[0] * self.kernel[1]

    def over(self, frame: Frame) -> tuple[int, int]:
        """Return height and width of what it gives."""
        return tuple((size - k) // step + 1 for size, k, step in zip(frame, self.reach, self.stride, strict=False))  # type: ignore[return-value]


@define(eq=False, kw_only=True)
class Operator:
    """Gives one stream of integers."""

    layer: str
    """Name of the node of the QONNX model that it comes from."""
    frame: Frame
    low: int
    """Smallest integer that it can give."""
    high: int
    sources: list[Operator] = field(factory=list, repr=False)
    given: Integers | None = field(default=None, repr=False)
    """Per channel, -1 where it gives the negative of what was read; None for nowhere."""

    @property
    def source(self) -> Operator:
        """The stream that it reads, where it reads one."""
        return self.sources[0]

    @property
    def channels(self) -> int:
        """Numbers per pixel."""
        return self.frame[2]


@define(eq=False, kw_only=True)
class Input(Operator):
    """The codes that the host sends."""

    datatype: str
    image: bool
    """Whether the model's input is channels first and turned, or flattened as it is."""


@define(eq=False, kw_only=True)
class Linear(Operator):
    """Sums of products: ``sum_i n_i * weights[i, o]``; with a window, i counts rows, columns, channels."""

    weights: Integers = field(repr=False)
    window: Window | None = None
    vector: bool = False
    """Whether it reads all pixels at once, and gives one."""


@define(eq=False, kw_only=True)
class Depthwise(Linear):
    """Sums of products within each channel: ``weights[i, c]``, i counts rows and columns of the window."""

    window: Window


@define(eq=False, kw_only=True)
class Threshold(Operator):
    """``low`` plus the number of levels reached, per channel; two at a time where it gives a sign, -1 or +1."""

    levels: Integers = field(repr=False)
    """Shape (channels, steps), each row ascending."""
    borders: NDArray[np.float64] = field(repr=False)
    """Of the same shape: the real numbers that levels are the next whole numbers of."""
    reach: NDArray[np.float64] = field(repr=False)
    """Per channel: what is added before quantization, in units of the integers."""
    sign: bool = False
    datatype: str = ""
    """QONNX's name of the quantizer's type, where the codes are the quantizer's own."""


@define(eq=False, kw_only=True)
class Border(Operator):
    """Pixels around an image: top, left, bottom, right."""

    pads: tuple[int, int, int, int]
    lowest: bool = False
    """Whether they hold the smallest integer of the stream's type, which no maximum can be; 0 otherwise."""


@define(eq=False, kw_only=True)
class MaxPool(Operator):
    """The largest integer of a window, per channel."""

    window: Window


@define(eq=False, kw_only=True)
class Add(Operator):
    """Two streams of one frame, added; or the second taken off the first."""

    subtract: bool = False


@define(eq=False, kw_only=True)
class Concat(Operator):
    """The channels of several streams, pixel by pixel."""


@define(eq=False, kw_only=True)
class Upsample(Operator):
    """Every pixel several times, in both directions."""

    factors: tuple[int, int]


@define(eq=False, kw_only=True)
class Sum(Operator):
    """The sum over the pixels of a window, per channel."""

    window: Window

    @property
    def whole(self) -> bool:
        """Whether its window is the image."""
        return self.window.kernel == self.source.frame[:2]


@define(eq=False, kw_only=True)
class Turn(Operator):
    """A channel times +1 or -1; 0 where either will do."""

    signs: tuple[int, ...]
