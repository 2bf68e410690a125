# SPDX-License-Identifier: Apache-2.0
"""Multiplexers and shift registers, as yosys 0.70 maps them."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from drawplate_dataflow.technology import MemoryPrice

# LUTs per bit of a multiplexer of so many inputs; synthesised, see modules.csv.
_WAYS: Final = (1, 2, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 49, 64)
_PER_BIT: Final = (0.0, 1.0, 1.0, 2.0, 2.0, 4.0, 3.0, 5.8, 4.0, 7.0, 6.0, 10.0, 10.0, 11.9, 14.0, 24.6, 24.3)

SHIFT_REGISTER: Final = 3
"""Clocks from which on yosys makes a delay of shift registers in LUTs, of up to 32 clocks each."""


def multiplexer(ways: int) -> float:
    """LUTs per bit of a multiplexer; between two synthesised sizes, in proportion."""
    for (below, low), (above, high) in pairwise(zip(_WAYS, _PER_BIT, strict=True)):
        if ways <= above:
            return low + (high - low) * (ways - below) / (above - below)
    return _PER_BIT[-1] * ways / _WAYS[-1]


def delay(clocks: int) -> MemoryPrice:
    """Return what a bit takes that is delayed by so many clocks."""
    if clocks < SHIFT_REGISTER:
        return MemoryPrice(ffs=clocks)
    # yosys maps a register that is one clock too long for its shift registers to a flip-flop.
    left = int(clocks == 17 or (clocks > 32 and clocks % 32 == 1))
    return MemoryPrice(luts=-(-(clocks - left) // 32), ffs=left)
