# SPDX-License-Identifier: GPL-3.0-or-later
"""Crossover and mutation of points.

Platypus encodes integers as Gray codes of so many bits, which makes some values likelier than others where their
number is no power of two, and has no operator for mixed types; these work on the indices themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from attrs import frozen

from drawplate_evolve_nsga2.nsga.individual import Axis, Point


@frozen(kw_only=True)
class Variation:
    """How children differ from their parents."""

    axes: Sequence[Axis]
    random: Random
    crossover: float = 0.9
    """Probability that two parents are crossed (Deb et al. 2002, section V)."""
    eta_crossover: float = 15.0
    """Distribution index of simulated binary crossover: larger keeps children nearer."""
    eta_mutation: float = 20.0
    """Distribution index of polynomial mutation."""

    def point(self) -> Point:
        """Draw a point, all equally likely."""
        return tuple(self.random.randrange(axis.size) for axis in self.axes)

    def children(self, first: Point, second: Point) -> tuple[Point, Point]:
        """Cross two points and mutate what comes of it."""
        one, two = list(first), list(second)
        if self.random.random() < self.crossover:
            for i, axis in enumerate(self.axes):
                if one[i] != two[i] and self.random.random() < 0.5:
                    one[i], two[i] = self._crossed(axis, one[i], two[i])
        return self._mutated(one), self._mutated(two)

    def _crossed(self, axis: Axis, a: int, b: int) -> tuple[int, int]:
        """Simulated binary crossover (Deb and Agrawal 1995) of ordered values; others change places."""
        if not axis.ordered:
            return b, a
        draw, power = self.random.random(), 1 / (self.eta_crossover + 1)
        spread = (2 * draw) ** power if draw <= 0.5 else (1 / (2 * (1 - draw))) ** power
        middle, half = (a + b) / 2, spread * abs(b - a) / 2
        low, high = self._whole(middle - half, axis), self._whole(middle + half, axis)
        return (low, high) if self.random.random() < 0.5 else (high, low)

    def _mutated(self, point: Sequence[int]) -> Point:
        rate = 1 / len(self.axes)
        return tuple(
            self._changed(axis, index) if axis.size > 1 and self.random.random() < rate else index
            for axis, index in zip(self.axes, point, strict=True)
        )

    def _changed(self, axis: Axis, index: int) -> int:
        """Polynomial mutation (Deb and Goyal 1996), by one step at least; any other value where there is no order."""
        if not axis.ordered:
            other = self.random.randrange(axis.size - 1)
            return other + (other >= index)
        draw, power = self.random.random(), 1 / (self.eta_mutation + 1)
        delta = (2 * draw) ** power - 1 if draw < 0.5 else 1 - (2 * (1 - draw)) ** power
        moved = self._whole(index + delta * (axis.size - 1), axis)
        if moved != index:
            return moved
        step = -1 if draw < 0.5 else 1
        return index + step if 0 <= index + step < axis.size else index - step

    def _whole(self, value: float, axis: Axis) -> int:
        """Round up or down by chance, so that the mean is kept, and stay within the axis."""
        down = math.floor(value)
        return min(max(down + (self.random.random() < value - down), 0), axis.size - 1)
