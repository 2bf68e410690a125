# SPDX-License-Identifier: Apache-2.0
"""Memories of 7-series parts, counted."""

from __future__ import annotations

from functools import lru_cache
from math import inf

from drawplate_dataflow.technology import MemoryPrice


def lut_ram(bits: int, depth: int) -> int:
    """LUTs of a distributed RAM with a write and a read port, without the multiplexer behind it.

    RAM32M holds 6 bits of 32 words in 4 LUTs, RAM64M 3 bits of 64 words (UG474, chapter 2).
    """
    if depth <= 32:
        return -(-bits // 6) * 4
    return -(-bits // 3) * 4 * -(-depth // 64)


# (words, bits, RAMB18 blocks, cost) of RAMB18 and RAMB36 (UG473, table 1-1); costs are those of yosys' brams_xc4v.txt.
_SHAPES = (
    *((512 << step, bits, 1, 129) for step, bits in enumerate((36, 18, 9, 4, 2, 1))),
    *((512 << step, bits, 2, 257) for step, bits in enumerate((72, 36, 18, 9, 4, 2, 1))),
)
_MULTIPLEXED = 0.5
"""Cost of one more input of a multiplexer, per bit."""
_LUT_SHAPES = ((32, 6), (64, 3))
"""(words, bits) of RAM32M and RAM64M; costs 8, and 7 less in proportion to unused bits, in lutrams_xc5v.txt."""


@lru_cache(maxsize=4096)
def block_rom(bits: int, depth: int) -> MemoryPrice:
    """Map a ROM as yosys 0.70 does: rows of words side by side in the cheapest shape."""
    return _cheapest_block(bits, depth)[1]


def _cheapest_block(bits: int, depth: int) -> tuple[float, MemoryPrice]:
    best, found = inf, MemoryPrice()
    for words, wide, blocks, price in _SHAPES:
        rows = -(-depth // words)
        count = -(-bits * rows // wide)
        cost = count * price + _MULTIPLEXED * bits * (rows - 1)
        if cost < best:
            best, found = cost, MemoryPrice(ram=count * blocks, rows=rows)
    return best, found


@lru_cache(maxsize=4096)
def ram(bits: int, depth: int) -> MemoryPrice:
    """Map a memory as yosys 0.70 does: to distributed RAM where that is cheaper than block RAM."""
    price, block = _cheapest_block(bits, depth)
    words, wide = next((shape for shape in _LUT_SHAPES if depth <= shape[0]), _LUT_SHAPES[-1])
    rows = -(-depth // words)
    full, rest = divmod(bits, wide)
    cost = rows * (8 * full + (8 - 7 * (wide - rest) / wide if rest else 0)) + _MULTIPLEXED * bits * (rows - 1)
    return MemoryPrice(luts=lut_ram(bits, depth), rows=rows) if cost < price else block
