# SPDX-License-Identifier: Apache-2.0
"""LUT positions and slices that a placer makes of counted LUTs; carry chains take positions beside their bits.

Fitted to perceptrons that nextpnr (himbaechel) placed and routed on a model of the XC7Z020, ``fitting/packing.csv``:
it takes positions to enter and to leave a chain, and packs 3.1 positions into a slice of four.  Positions are then at
most 0.7 % off, slices 6 %; a design of 44,309 LUTs that did not place demanded 49,316 positions, 49,300 by this.
"""

from __future__ import annotations

from typing import Final

PER_CHAIN: Final = 2.2
"""Positions beside the bits of an adder of a processing element."""
PER_UNIT: Final = 48
"""Those of comparators and counters of a layer, and of the wrapper."""
PER_SLICE: Final = 3.1
LUTS_OF_A_SLICE: Final = 4


def positions(lut: float, chains: int, units: int) -> float:
    """Return LUT positions of so many LUTs with adders of processing elements, in so many layers and forks."""
    return lut + PER_CHAIN * chains + PER_UNIT * (units + 1)
