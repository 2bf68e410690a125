# SPDX-License-Identifier: Apache-2.0
"""What a folding is chosen for, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.folding.room import Room
from drawplate_dataflow.network import LayerFolding
from drawplate_dataflow.resources import Resources, total

Prices = tuple[float, float, float, float]
BALANCED: Final[Prices] = (1.0, 0.25, 1.0, 1.0)
"""Prices of a whole budget of every resource: flip-flops are seldom what runs out, the others count alike."""


@frozen(kw_only=True)
class Goal:
    """What may be used, and what is paid for it."""

    budget: Resources
    prices: Prices = BALANCED
    """Of a whole budget of each resource."""
    room: Room | None = None
    """What a placer has room for; None for as much as the budget says."""

    @property
    def limits(self) -> tuple[float, ...]:
        """The budget, and the positions of LUTs that there is room for, where that is known."""
        return self.budget.vector if self.room is None else (*self.budget.vector, self.room.positions)

    @property
    def costs(self) -> tuple[float, ...]:
        """Prices of one unit of what is limited: room itself costs nothing."""
        return self.rates if self.room is None else (*self.rates, 0.0)

    @property
    def rates(self) -> Prices:
        """Prices of one unit of each resource; of a resource that may not be used at all, that of one unit."""
        lut, ff, ram, multiplier = (
            price / (available or 1.0) for price, available in zip(self.prices, self.budget.vector, strict=True)
        )
        return (lut, ff, ram, multiplier)

    def price(self, resources: Resources) -> float:
        """Return the weighted cost."""
        return sum(rate * taken for rate, taken in zip(self.rates, resources.vector, strict=True))


@frozen(kw_only=True)
class Plan:
    """A folding of a whole network, what it costs, and what is proven of it."""

    foldings: Mapping[str, LayerFolding]
    estimates: Mapping[str, Estimate]
    takes: int
    """Elements of a word of the network's input."""
    sends: int
    """Elements of a word of its output."""
    wrapper: Resources = field(factory=Resources)
    """What surrounds the network on its board."""
    shortest: int = 0
    """No folding that fits has fewer cycles per frame than this."""
    least: float = 0.0
    """No folding that fits and is as fast has a lower price than this."""
    price: float = 0.0

    @property
    def cycles(self) -> int:
        """Initiation interval in cycles per frame, of the slowest layer."""
        return max(estimate.cycles for estimate in self.estimates.values())

    @property
    def resources(self) -> Resources:
        """Sum over layers, and the wrapper."""
        return total(estimate.resources for estimate in self.estimates.values()) + self.wrapper
