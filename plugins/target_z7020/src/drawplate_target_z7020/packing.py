# SPDX-License-Identifier: Apache-2.0
"""What a placer has to find room for on a part, and how far that has been tried; see :mod:`.xc7.positions`."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from drawplate_target_z7020.parts import Part
from drawplate_target_z7020.xc7.positions import COUNTED_OFF, LUTS_OF_A_SLICE, PER_SLICE, not_placed, positions

POSITIONS_OFF, SLICES_OFF = 0.02, 0.06
"""Relative errors: of positions twice what was seen, since few designs were placed."""


@frozen(kw_only=True)
class Packed:
    """LUT positions and slices of a design."""

    positions: float
    slices: float
    unsure: float = 0.0
    """Positions by which they may be off because no layer of such a kind was placed."""

    @property
    def positions_off(self) -> float:
        """Error bar of the positions."""
        return POSITIONS_OFF * self.positions + self.unsure

    @property
    def slices_off(self) -> float:
        """Error bar of the slices."""
        return SLICES_OFF * self.slices + self.unsure / PER_SLICE

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


def pack(lut: float, chains: float, units: Sequence[str]) -> Packed:
    """Estimate what a placer takes.

    Args:
        lut: LUTs, counted or estimated.
        chains: adders of processing elements, see :func:`drawplate_dataflow.hardware.chains.carry_chains`, and as many
            as what surrounds the network takes room like.
        units: kinds of layers and forks, see :func:`drawplate_dataflow.hardware.chains.units`.
    """
    found = positions(lut, chains, units)
    return Packed(positions=found, slices=found / PER_SLICE, unsure=COUNTED_OFF * not_placed(units))
