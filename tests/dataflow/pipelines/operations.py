# SPDX-License-Identifier: Apache-2.0
"""What a network of every kind of layer is described by."""

from __future__ import annotations

from attrs import frozen


@frozen
class Conv:
    """A convolution: padding (top, left, bottom, right), window, matrix; a 1 x 1 one without padding has no window."""

    channels: int
    kernel: tuple[int, int] = (3, 3)
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)


@frozen
class Deep:
    """A depthwise convolution."""

    kernel: tuple[int, int] = (3, 3)
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    dilation: tuple[int, int] = (1, 1)


@frozen
class Enlarged:
    """Every pixel several times."""

    factors: tuple[int, int]


@frozen
class Pooling:
    """Maximum or sum over windows, behind padding."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    summed: bool = False


@frozen
class Residual:
    """A sum of what goes through some operations, which keep the shape, and what goes through others or none."""

    long: tuple[Op, ...]
    short: tuple[Op, ...] = ()
    subtract: bool = False


@frozen
class Joined:
    """The channels of what goes through some operations, which keep the size, and through others or none."""

    branches: tuple[tuple[Op, ...], ...]


@frozen
class Dense:
    """A matrix layer over the whole image."""

    outputs: int


@frozen
class Levels:
    """Thresholds alone."""


@frozen
class Best:
    """The index of the largest element."""


Op = Conv | Deep | Enlarged | Pooling | Residual | Joined | Dense | Levels | Best
