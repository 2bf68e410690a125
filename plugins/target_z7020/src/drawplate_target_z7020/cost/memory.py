# SPDX-License-Identifier: Apache-2.0
"""Memories of 7-series parts, counted."""

from __future__ import annotations

from functools import lru_cache
from math import inf

from attrs import frozen


def lut_ram(bits: int, depth: int) -> int:
    """LUTs of a distributed RAM with a write and a read port, without the multiplexer behind it.

    RAM32M holds 6 bits of 32 words in 4 LUTs, RAM64M 3 bits of 64 words (UG474, chapter 2).
    """
    if depth <= 32:
        return -(-bits // 6) * 4
    return -(-bits // 3) * 4 * -(-depth // 64)


@frozen
class BlockRom:
    """A ROM in block RAM."""

    bram18: int
    """RAMB18; a RAMB36 is two."""
    rows: int
    """Words at one address; a multiplexer of so many inputs follows every bit."""


# (words, bits, RAMB18 blocks, cost) of RAMB18 and RAMB36 (UG473, table 1-1); costs are those of yosys' brams_xc4v.txt.
_SHAPES = (
    *((512 << step, bits, 1, 129) for step, bits in enumerate((36, 18, 9, 4, 2, 1))),
    *((512 << step, bits, 2, 257) for step, bits in enumerate((72, 36, 18, 9, 4, 2, 1))),
)
_MULTIPLEXED = 0.5
"""Cost of one more input of a multiplexer, per bit."""


@lru_cache(maxsize=4096)
def block_rom(bits: int, depth: int) -> BlockRom:
    """Map a ROM as yosys 0.70 does: rows of words side by side in the cheapest shape."""
    best, found = inf, BlockRom(0, 0)
    for words, wide, blocks, price in _SHAPES:
        rows = -(-depth // words)
        count = -(-bits * rows // wide)
        cost = count * price + _MULTIPLEXED * bits * (rows - 1)
        if cost < best:
            best, found = cost, BlockRom(count * blocks, rows)
    return found


def bram18(bits: int, depth: int) -> int:
    """RAMB18 of a memory."""
    return block_rom(bits, depth).bram18
