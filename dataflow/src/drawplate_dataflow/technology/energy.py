# SPDX-License-Identifier: Apache-2.0
"""What switching costs in a family's logic."""

from __future__ import annotations

from attrs import frozen


@frozen
class Spread:
    """A number that is not known well: its value, and between what it lies."""

    value: float
    low: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> Spread:
        """Return a number that is known."""
        return cls(value, value, value)

    @classmethod
    def within(cls, value: float, factor: float) -> Spread:
        """Return a number that may be so many times smaller or larger."""
        return cls(value, value / factor, value * factor)

    def __add__(self, other: Spread) -> Spread:
        return Spread(self.value + other.value, self.low + other.low, self.high + other.high)

    def __mul__(self, other: Spread) -> Spread:
        """Multiply numbers that are not negative; both may be off at once, the same way."""
        return Spread(self.value * other.value, self.low * other.low, self.high * other.high)

    def scaled(self, factor: float) -> Spread:
        """Return so many times of it."""
        return Spread(self.value * factor, self.low * factor, self.high * factor)

    @property
    def error(self) -> float:
        """The distance to the upper end."""
        return self.high - self.value


@frozen(kw_only=True)
class EnergyPrices:
    """Energies in pJ."""

    lut: Spread
    """Of a LUT whose output changes, without the net behind it."""
    net: Spread
    """Of a net that changes: the wires behind a LUT or a flip-flop."""
    clock: Spread
    """Of a flip-flop for every clock, whether it changes or not: the clock's own wires."""
    ram: Spread
    """Of a memory block for every clock in which it is enabled."""
    multiplier: Spread
    """Of a multiplier block for every product."""
    source: str
    """Where they are from."""
