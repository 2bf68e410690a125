# SPDX-License-Identifier: Apache-2.0
"""What a design takes of a part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

NAMES: Final = ("lut", "ff", "ram", "multiplier")


@frozen(kw_only=True, order=False)
class Resources:
    """LUTs, flip-flops, memory blocks, multiplier blocks; whole numbers where counted, fractions where estimated.

    What a device family calls them is in its technology's ``labels``.
    """

    lut: float = 0
    ff: float = 0
    ram: float = 0
    multiplier: float = 0
    chains: float = 0
    """Adders of processing elements, each a carry chain: no resource, but a placer gives positions to their ends.

    What else has such ends beside layers' and forks' own counts as so many adders.
    """

    def __add__(self, other: Resources) -> Resources:
        return Resources(
            lut=self.lut + other.lut,
            ff=self.ff + other.ff,
            ram=self.ram + other.ram,
            multiplier=self.multiplier + other.multiplier,
            chains=self.chains + other.chains,
        )

    def __sub__(self, other: Resources) -> Resources:
        return self + other.scaled(-1)

    @property
    def vector(self) -> tuple[float, float, float, float]:
        """In the order of :data:`NAMES`."""
        return (self.lut, self.ff, self.ram, self.multiplier)

    def scaled(self, factor: float) -> Resources:
        """Return a part of it: a budget under a utilisation ceiling."""
        return Resources(
            lut=self.lut * factor,
            ff=self.ff * factor,
            ram=self.ram * factor,
            multiplier=self.multiplier * factor,
            chains=self.chains * factor,
        )

    def fits(self, budget: Resources) -> bool:
        """Whether it is within a budget."""
        return all(mine <= theirs for mine, theirs in zip(self.vector, budget.vector, strict=True))


def total(parts: Iterable[Resources]) -> Resources:
    """Add up."""
    return sum(parts, Resources())
