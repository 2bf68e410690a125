# SPDX-License-Identifier: Apache-2.0
"""Monotone functions of one number, and the conditions that their values put on their arguments.

A quantizer asks "is the value at least t?".  Asked of ``f(x)``, that is a question about ``x``: of ``tanh(x)``, whether
``x >= atanh(t)``; with a falling f, whether ``x`` is *not above* something.  Followed back to the integer sum,
it becomes a threshold.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from attrs import frozen

from drawplate_quant_finn.lowering.exact.number import (
    ONE,
    ZERO,
    Irrational,
    Number,
    added,
    interval,
    inverse,
    logarithm,
    negated,
    sign,
    times,
)


@frozen
class AtLeast:
    """``x >= value``, or ``x > value``; or that it is not so."""

    value: Number
    open: bool = False
    """Whether ``x`` has to be above the value."""
    denied: bool = False


Condition = AtLeast | bool


class Function(Protocol):
    """A function that never falls, or never rises."""

    def before(self, condition: AtLeast) -> Condition:
        """Turn a condition on the function's value into one on its argument."""

    def at(self, x: Number) -> Number:
        """Return the value at ``x``."""

    @property
    def slope(self) -> int:
        """1 where it never falls, -1 where it never rises, 0 where it is constant."""


@frozen
class Line:
    """``scale * x + shift``."""

    scale: Number
    shift: Number = ZERO

    def before(self, condition: AtLeast) -> Condition:
        """Solve for ``x``; a negative scale turns the question round."""
        way, rest = self.slope, added(condition.value, negated(self.shift))
        if way == 0:
            return holds(condition, self.shift)
        value = times(rest, inverse(self.scale))
        if way > 0:
            return AtLeast(value, condition.open, condition.denied)
        return AtLeast(value, not condition.open, not condition.denied)

    def at(self, x: Number) -> Number:
        """Return the value at ``x``."""
        return added(times(self.scale, x), self.shift)

    @property
    def slope(self) -> int:
        """Sign of the scale."""
        return sign(self.scale)


@frozen
class Leaky:
    """``x`` where it is positive, else ``negative * x``; 0 for Relu, and never below 0."""

    negative: Fraction = ZERO

    def before(self, condition: AtLeast) -> Condition:
        """A value above 0 is ``x`` itself."""
        way = sign(condition.value)
        if way > 0 or (way == 0 and (condition.open or self.negative)):
            return condition
        if not self.negative:
            return not condition.denied
        return AtLeast(times(condition.value, 1 / self.negative), condition.open, condition.denied)

    def at(self, x: Number) -> Number:
        """Return the value at ``x``."""
        return x if sign(x) >= 0 else times(x, self.negative)

    @property
    def slope(self) -> int:
        """It never falls."""
        return 1


@frozen
class Clip:
    """``x``, at least ``low`` and at most ``high``; None for no limit."""

    low: Fraction | None
    high: Fraction | None

    def before(self, condition: AtLeast) -> Condition:
        """Inside of the limits it is ``x`` itself."""
        low, high = (_compared(condition.value, limit) for limit in (self.low, self.high))
        if self.high is not None and (high > 0 or (high == 0 and condition.open)):
            return condition.denied
        if self.low is not None and (low < 0 or (low == 0 and not condition.open)):
            return not condition.denied
        return condition

    def at(self, x: Number) -> Number:
        """Return the value at ``x``."""
        if self.high is not None and _compared(x, self.high) > 0:
            return self.high
        return self.low if self.low is not None and _compared(x, self.low) < 0 else x

    @property
    def slope(self) -> int:
        """It never falls."""
        return 1


@frozen
class Logistic:
    """``low + (1 - low) / (1 + exp(-steep * x))``: Sigmoid (low 0, steep 1) and Tanh (low -1, steep 2)."""

    low: int
    steep: int

    def before(self, condition: AtLeast) -> Condition:
        """Undo it: ``ln((t - low) / (1 - t)) / steep``."""
        if _compared(condition.value, ONE) >= 0:
            return condition.denied
        if _compared(condition.value, Fraction(self.low)) <= 0:
            return not condition.denied
        return AtLeast(self._undone(condition.value), condition.open, condition.denied)

    def _undone(self, t: Number) -> Number:
        if isinstance(t, Fraction):
            return times(logarithm((t - self.low) / (1 - t)), Fraction(1, self.steep))

        def make(bits: int) -> tuple[Fraction, Fraction]:
            ends = [interval(self._undone(end), bits) for end in t.interval(bits)]
            return ends[0][0], ends[1][1]

        return Irrational(make)

    def at(self, x: Number) -> Number:
        """Return the value at ``x``."""
        from drawplate_quant_finn.lowering.exact.number import exponential

        raised = exponential(times(x, Fraction(-self.steep)))
        return added(times(Fraction(1 - self.low), inverse(added(ONE, raised))), Fraction(self.low))

    @property
    def slope(self) -> int:
        """It never falls."""
        return 1


def holds(condition: AtLeast, x: Number) -> bool:
    """Whether a condition holds for a number."""
    way = sign(added(x, negated(condition.value)))
    return (way > 0 or (way == 0 and not condition.open)) != condition.denied


def _compared(a: Number, b: Fraction | None) -> int:
    return 0 if b is None else sign(added(a, -b))
