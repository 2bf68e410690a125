# SPDX-License-Identifier: Apache-2.0
"""What a placer has to find room for on a part, and how far that has been tried; see :mod:`.xc7.positions`."""

from __future__ import annotations

from attrs import frozen

from drawplate_target_z7020.parts import Part
from drawplate_target_z7020.xc7.positions import LUTS_OF_A_SLICE, PER_SLICE, positions

POSITIONS_OFF, SLICES_OFF = 0.02, 0.06
"""Relative errors: of positions twice what was seen, since few designs were placed."""


@frozen(kw_only=True)
class Packed:
    """LUT positions and slices of a design."""

    positions: float
    slices: float

    def fits(self, part: Part) -> bool:
        """Whether there are as many positions, and as many slices where they are filled as in what was placed."""
        return max(self.positions, LUTS_OF_A_SLICE * self.slices) <= part.budget.lut

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
    found = positions(lut, chains, units)
    return Packed(positions=found, slices=found / PER_SLICE)
