# SPDX-License-Identifier: Apache-2.0
"""Memories, and what a technology makes of them."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


class Style(StrEnum):
    """What a ROM is made of."""

    BLOCK = "block"
    LUT = "lut"


@frozen(kw_only=True)
class Rom:
    """A read-only memory with a registered output."""

    name: str
    purpose: str
    """``weights``, ``thresholds``, ``offsets`` or ``requantiser``."""
    bits: int
    depth: int
    style: Style


@frozen
class MemoryPrice:
    """What a memory takes."""

    luts: float = 0
    """LUTs that hold the contents."""
    ffs: int = 0
    ram: int = 0
    """Memory blocks."""
    rows: int = 1
    """Words at one address; a multiplexer of so many inputs follows every bit, and is not in ``luts``."""
