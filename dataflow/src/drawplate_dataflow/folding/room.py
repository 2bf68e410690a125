# SPDX-License-Identifier: Apache-2.0
"""What a placer has room for: counted LUTs, and the ends of carry chains beside them."""

from __future__ import annotations

from attrs import frozen

from drawplate_dataflow.hardware.chains import units
from drawplate_dataflow.network import Network
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Technology


@frozen(kw_only=True)
class Room:
    """Positions of LUTs on a part: a placer needs one per LUT, and some per carry chain."""

    per_chain: float
    positions: float

    def taken(self, resources: Resources) -> float:
        """Return the positions of LUTs and chains."""
        return resources.lut + self.per_chain * resources.chains


def per_chain(technology: Technology) -> float:
    """Return the positions that a carry chain takes beside its LUTs."""
    rest, lut, chain = (technology.packed(*counts, ()) for counts in ((0, 0), (1, 0), (0, 1)))
    return (chain - rest) / (lut - rest)


def room_of(network: Network, technology: Technology, have: float) -> Room | None:
    """Return what a part of so many LUTs has room for; None where a placer takes what is counted."""
    around = units(network)
    rest, lut = (technology.packed(count, 0, around) for count in (0, 1))
    room = Room(per_chain=per_chain(technology), positions=(have - rest) / (lut - rest))
    return None if room == Room(per_chain=0.0, positions=have) else room
