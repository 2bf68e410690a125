# SPDX-License-Identifier: Apache-2.0
"""What a placer makes of counted LUTs: positions with those that carry chains take beside their bits, and slices.

Fitted to perceptrons that nextpnr (himbaechel) placed and routed on a model of the XC7Z020, ``fitting/packing.csv``:
it takes positions to enter and to leave a chain, and packs 3.1 positions into a slice of four.  Positions are then at
most 0.7 % off, slices 6 %; a design of 44,309 LUTs that did not place demanded 49,316 positions, 49,300 by this.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from drawplate_target_z7020.parts import Part

PER_CHAIN: Final = 2.2
"""Positions beside the bits of an adder of a processing element."""
PER_UNIT: Final = 48
"""Those of comparators and counters of a layer, and of the wrapper."""
PER_SLICE: Final = 3.1
LUTS_OF_A_SLICE: Final = 4
POSITIONS_OFF, SLICES_OFF = 0.02, 0.06
"""Relative errors: of positions twice what was seen, since few designs were placed."""


@frozen(kw_only=True)
class Packed:
    """LUT positions and slices of a design."""

    positions: float
    slices: float

    def fits(self, part: Part) -> bool:
        """Whether there are as many positions."""
        return self.positions <= part.budget.lut

    def said(self, part: Part) -> str:
        """Say what a placer has to find room for, and how far that has been tried."""
        have = part.budget.lut / LUTS_OF_A_SLICE
        shown = "" if part.placed_slices is None else f", of which {part.placed_slices:.0%} have been placed"
        share = self.positions / part.budget.lut
        return (
            f"a placer packs about {self.positions:,.0f} LUT positions ({share:.0%} of {part.part}) into "
            f"{self.slices:,.0f} of {have:,.0f} slices{shown}"
        )


def pack(lut: float, chains: int, units: int) -> Packed:
    """Estimate what a placer takes.

    Args:
        lut: LUTs, counted or estimated.
        chains: adders of processing elements, see :func:`drawplate_dataflow.hardware.chains.carry_chains`.
        units: layers and forks.
    """
    positions = lut + PER_CHAIN * chains + PER_UNIT * (units + 1)
    return Packed(positions=positions, slices=positions / PER_SLICE)
