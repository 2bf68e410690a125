# SPDX-License-Identifier: Apache-2.0
"""How much of a layer works at once, and where its weights are kept."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


class Memory(StrEnum):
    """Where weights are kept."""

    AUTO = "auto"
    """Block RAM above 64 words, LUTs up to 64."""
    BLOCK = "block"
    LUT = "lut"


@frozen(kw_only=True, order=True)
class LayerFolding:
    """PE, SIMD and where the weights are; 0 for what a layer does not have."""

    pe: int = 0
    simd: int = 0
    memory: Memory = Memory.AUTO
    dsp_pe: int = 0
    """Of PE, those that multiply in multiplier blocks."""


def divisors(number: int) -> list[int]:
    """Return all divisors, ascending."""
    return [n for n in range(1, number + 1) if number % n == 0]
