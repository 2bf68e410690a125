# SPDX-License-Identifier: Apache-2.0
"""What a design takes of a part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from attrs import frozen

NAMES: Final = ("lut", "ff", "bram18", "dsp")


@frozen(kw_only=True, order=False)
class Resources:
    """LUT, FF, BRAM18 and DSP48E1; whole numbers where counted, fractions where estimated."""

    lut: float = 0
    ff: float = 0
    bram18: float = 0
    dsp: float = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(
            lut=self.lut + other.lut,
            ff=self.ff + other.ff,
            bram18=self.bram18 + other.bram18,
            dsp=self.dsp + other.dsp,
        )

    @property
    def vector(self) -> tuple[float, float, float, float]:
        """In the order of :data:`NAMES`."""
        return (self.lut, self.ff, self.bram18, self.dsp)

    def scaled(self, factor: float) -> Resources:
        """Return a part of it: a budget under a utilisation ceiling."""
        return Resources(lut=self.lut * factor, ff=self.ff * factor, bram18=self.bram18 * factor, dsp=self.dsp * factor)

    def fits(self, budget: Resources) -> bool:
        """Whether it is within a budget."""
        return all(mine <= theirs for mine, theirs in zip(self.vector, budget.vector, strict=True))


def total(parts: Iterable[Resources]) -> Resources:
    """Add up."""
    return sum(parts, Resources())
