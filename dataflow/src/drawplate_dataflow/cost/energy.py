# SPDX-License-Identifier: Apache-2.0
"""Dynamic energy of a frame: what switches, the clock, memory blocks and multipliers, in pJ.

The processing system, external memory, static power and glitches are left out.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import EnergyPrices, Spread

NOTHING: Final = Spread(0.0, 0.0, 0.0)
TYPICAL: Final = Spread(0.25, 0.12, 0.4)
"""Changes of an average net in a clock in which its layer works, simulated gate by gate: docs/steps/z7020.md."""


@frozen(kw_only=True)
class Energy:
    """Of one frame, in pJ."""

    switching: Spread = NOTHING
    clock: Spread = NOTHING
    memory: Spread = NOTHING
    multipliers: Spread = NOTHING

    @property
    def total(self) -> Spread:
        """All of it."""
        return self.switching + self.clock + self.memory + self.multipliers

    def __add__(self, other: Energy) -> Energy:
        return Energy(
            switching=self.switching + other.switching,
            clock=self.clock + other.clock,
            memory=self.memory + other.memory,
            multipliers=self.multipliers + other.multipliers,
        )


def typical_changes(busy: int) -> Spread:
    """Return how often a net of a layer that works for so many clocks per frame changes in a frame, typically."""
    return TYPICAL.scaled(busy)


def frame_energy(taken: Resources, changes: Spread, busy: int, interval: float, prices: EnergyPrices) -> Energy:
    """Return what a layer spends on a frame.

    Args:
        taken: what the layer takes.
        changes: of an average net per frame.
        busy: clocks per frame in which the layer works.
        interval: clocks per frame, of the whole network: flip-flops and memory blocks are clocked in all of them.
        prices: of the family.
    """
    each = (prices.lut + prices.net).scaled(taken.lut) + prices.net.scaled(taken.ff)
    return Energy(
        switching=each * changes,
        clock=prices.clock.scaled(taken.ff * interval),
        memory=prices.ram.scaled(taken.ram * interval),
        multipliers=prices.multiplier.scaled(taken.multiplier * busy),
    )
