# SPDX-License-Identifier: Apache-2.0
"""What a convolution costs on the neural compute engine (NCE), in plain Python: searches need no compiler for it.

The NCE works on blocks of 256 coefficients: 2^mode input channels by 2^(8 - mode) output channels.  The compiler takes
the mode that costs least (OpenVINO 2021.4, ``graph_transformer/src/middleend/hw/tiling.cpp``), and channels that do not
fill a block are paid for all the same.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Final

from attrs import frozen

from drawplate.errors import DrawplateError

OVERHEAD: Final = (0, 5, 11, 19, 31)
"""Cycles per output pixel and descriptor beside the products, by mode."""
MODES: Final = range(5)
MACS_PER_CYCLE: Final = 256
MOST_COEFFICIENTS: Final = 256
"""Coefficients that the NCE holds per output channel of a block: input blocks times the kernel's area."""
GRANULE: Final = 8
"""Output channels are rounded up to this."""


@frozen(kw_only=True)
class Tiling:
    """How the compiler lays a convolution on the NCE."""

    mode: int
    descriptors: int
    cycles: int
    """Per output pixel."""


def tilings(inputs: int, outputs: int, kernel: int) -> list[Tiling]:
    """Return the possible tilings of a square convolution, the one with fewest cycles first; empty where none fits."""
    found = []
    for mode in MODES:
        blocks = math.ceil(inputs / 2**mode)
        if blocks * kernel * kernel <= MOST_COEFFICIENTS:
            rounded = math.ceil(outputs / GRANULE) * GRANULE
            descriptors = math.ceil(rounded / 2 ** (8 - mode))
            cycles = descriptors * (blocks * kernel * kernel + OVERHEAD[mode])
            found.append(Tiling(mode=mode, descriptors=descriptors, cycles=cycles))
    return sorted(found, key=lambda tiling: tiling.cycles)


@functools.cache
def conv_tiling(inputs: int, outputs: int, kernel: int) -> Tiling:
    """Return how a dense square convolution is laid on the NCE.

    A convolution whose input channels do not fit at once is taken in equal parts, as the compiler does; the stages that
    add the parts are not counted here.

    Args:
        inputs: input channels of one group.
        outputs: output channels.
        kernel: height and width of the kernel.

    Raises:
        DrawplateError: for a kernel that the NCE cannot run.
    """
    for parts in range(1, inputs + 1):
        found = tilings(math.ceil(inputs / parts), outputs, kernel)
        if found:
            best = found[0]
            return Tiling(mode=best.mode, descriptors=parts * best.descriptors, cycles=parts * best.cycles)
    raise DrawplateError(f"a {kernel}x{kernel} kernel does not fit the NCE", allowed="at most 15x15")


def conv_cycles(inputs: int, outputs: int, kernel: int) -> int:
    """Return NCE cycles per output pixel of a dense square convolution; see :func:`conv_tiling`."""
    return conv_tiling(inputs, outputs, kernel).cycles


def depthwise_cycles(channels: int, kernel: int) -> int:
    """Return NCE cycles per output pixel of a depthwise convolution.

    The compiler writes it as dense convolutions of few channels each, zeros included, a stage each.
    """
    parts = depthwise_stages(channels, kernel)
    part = math.ceil(channels / parts)
    return parts * conv_cycles(part, part, kernel)


def depthwise_stages(channels: int, kernel: int) -> int:
    """Return the stages that a depthwise convolution becomes: at least two, of 64, 32 or 16 channels at most."""
    if channels == 1:
        return 1
    most = 64 if kernel == 1 else 32 if kernel < DEPTHWISE_WIDE else 16
    return max(2, math.ceil(channels / most))


DEPTHWISE_WIDE: Final = 5
"""Kernels from here on are taken 16 channels at a time; seen in compiled blobs, as the other limits."""


@frozen(kw_only=True)
class Steps:
    """Where the cost of a convolution changes with its output channels."""

    up_to: int
    """Most channels that cost no more than the given ones."""
    below: int
    """Most channels that cost less; 0 where none do.  Pruning gains nothing before."""
    cycles: int
    cycles_below: int


def steps(
    inputs: int, outputs: int, kernel: int, cost: Callable[[Tiling], float] = lambda tiling: tiling.cycles
) -> Steps:
    """Find the channel counts at which the cost changes, around a convolution's own.

    Args:
        inputs: input channels of one group.
        outputs: output channels.
        kernel: height and width of the kernel.
        cost: of a tiling; its cycles where left out.
    """

    def own(count: int) -> float:
        return cost(conv_tiling(inputs, count, kernel))

    up_to = outputs
    while own(up_to + 1) <= own(outputs):
        up_to += 1
    below = next((count for count in range(outputs - 1, 0, -1) if own(count) < own(outputs)), 0)
    cycles_below = conv_cycles(inputs, below, kernel) if below else 0
    return Steps(up_to=up_to, below=below, cycles=conv_cycles(inputs, outputs, kernel), cycles_below=cycles_below)
