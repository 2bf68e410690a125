# SPDX-License-Identifier: Apache-2.0
"""The multiplier block of a device family."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Multiplier:
    """A block that multiplies two signed numbers, adds what a neighbour passes on, and keeps the sum.

    ``dp_chain.v`` and ``dp_requant.v`` of the technology are made of it.
    """

    name: str
    """As the vendor calls it, for messages."""
    wide: int
    """Bits of the wider signed port, which holds packed weights."""
    narrow: int
    """Bits of the other signed port, which holds an element."""
    sum_bits: int
    """Bits of the sum."""
    longest: int
    """Blocks of the longest chain of sums."""
