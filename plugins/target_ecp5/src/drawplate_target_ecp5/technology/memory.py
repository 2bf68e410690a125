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
