# SPDX-License-Identifier: Apache-2.0
"""Memories of ECP5, counted as yosys 0.70 maps them."""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import Final

from drawplate_dataflow.technology import MemoryPrice

SMALL_WORDS: Final = 16
SMALL_BITS: Final = 4
SMALL_LUTS: Final = 6
"""LUT positions of a TRELLIS_DPR16X4: 16 words of 4 bits in two slices, and the slice that writes (FPGA-TN-02204)."""
SHAPES: Final = tuple((16384 >> step, bits) for step, bits in enumerate((1, 2, 4, 9, 18, 36)))
"""Words and bits of a DP16KD (FPGA-TN-02204, table 2)."""
# Costs of yosys' lutrams_trellis.txt and brams_16kd.txt, and of one more input of a multiplexer per bit.
_SMALL_COST, _BLOCK_COST, _MULTIPLEXED = 4.0, 128.0, 0.5


def lut_ram(bits: int, depth: int) -> int:
    """LUTs of a memory of LUTs, without the multiplexer behind it."""
    return SMALL_LUTS * -(-bits // SMALL_BITS) * -(-depth // SMALL_WORDS)


JOINED: Final = ((2, 1.0), (4, 1.1))
"""LUT4 per 16 words of a ROM's column, for up to so many times 16 words: multiplexers of the slice join them."""
WIDE: Final = 1.3
"""Where there are more: yosys then builds some of the multiplexers from LUTs."""


def lut_rom(bits: int, depth: int) -> int:
    """LUTs of a ROM whose contents follow no rule.

    yosys 0.70 takes 24, 53, 138, 159 and 248 LUT4 for 12 bits of 32, 64, 128, 160 and 256 random words, and 73 for 8
    bits of 128.
    """
    if depth == 1:
        return 0
    leaves = -(-depth // SMALL_WORDS)
    each = next((each for most, each in JOINED if leaves <= most), WIDE)
    return round(bits * leaves * each)


@lru_cache(maxsize=4096)
def block(bits: int, depth: int) -> MemoryPrice:
    """Return the memory blocks of the cheapest shape."""
    return _cheapest(bits, depth)[1]


def _cheapest(bits: int, depth: int) -> tuple[float, MemoryPrice]:
    best, found = inf, MemoryPrice()
    for words, wide in SHAPES:
        rows, side = -(-depth // words), -(-bits // wide)
        cost = rows * side * _BLOCK_COST + _MULTIPLEXED * bits * (rows - 1)
        if cost < best:
            best, found = cost, MemoryPrice(ram=rows * side, rows=rows)
    return best, found


@lru_cache(maxsize=4096)
def ram(bits: int, depth: int) -> MemoryPrice:
    """Return what a memory with a clocked read port takes: LUTs where they are cheaper than blocks."""
    rows, side = -(-depth // SMALL_WORDS), -(-bits // SMALL_BITS)
    cost, blocks = _cheapest(bits, depth)
    if rows * side * _SMALL_COST + _MULTIPLEXED * bits * (rows - 1) < cost:
        return MemoryPrice(luts=lut_ram(bits, depth), rows=rows)
    return blocks
