# SPDX-License-Identifier: Apache-2.0
"""Real numbers that can be compared without rounding: fractions, and what no fraction says, as narrow intervals.

Every float32 is a fraction, so sums, products and quotients of a model's constants are.  Irrational are only the root
in BatchNormalization, and the logarithms that undo Tanh and Sigmoid.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction

from attrs import field, frozen

PRECISIONS = (96, 384, 1536)
"""Bits to which intervals are narrowed, one after the other, until a comparison is decided.

Where the last does not decide, the numbers are taken for equal: constants of float32 have 24 bits, and two different
expressions of a few of them cannot agree to 460 digits unless they are equal.
"""

Interval = tuple[Fraction, Fraction]


@frozen(eq=False)
class Irrational:
    """A real number, as intervals that hold it."""

    _make: Callable[[int], Interval]
    _kept: dict[int, Interval] = field(factory=dict, init=False, repr=False)

    def interval(self, bits: int) -> Interval:
        """Return an interval that holds the number, narrower with more bits."""
        if bits not in self._kept:
            low, high = self._make(bits)
            self._kept[bits] = (_outward(low, bits, up=False), _outward(high, bits, up=True))
        return self._kept[bits]


Number = Fraction | Irrational
ZERO, ONE = Fraction(0), Fraction(1)


def interval(x: Number, bits: int) -> Interval:
    """Return an interval that holds a number; of no width for a fraction."""
    return (x, x) if isinstance(x, Fraction) else x.interval(bits)


def added(a: Number, b: Number) -> Number:
    """Return a + b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    if ZERO in (a, b):
        return b if a == ZERO else a

    def make(bits: int) -> Interval:
        (low, high), (least, most) = interval(a, bits), interval(b, bits)
        return low + least, high + most

    return Irrational(make)


def negated(a: Number) -> Number:
    """Return -a."""
    return -a if isinstance(a, Fraction) else times(a, -ONE)


def times(a: Number, b: Number) -> Number:
    """Return a * b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a * b
    if ZERO in (a, b):
        return ZERO
    if ONE in (a, b):
        return b if a == ONE else a

    def make(bits: int) -> Interval:
        corners = [x * y for x in interval(a, bits) for y in interval(b, bits)]
        return min(corners), max(corners)

    return Irrational(make)


def inverse(a: Number) -> Number:
    """Return 1 / a, for a that is not 0."""
    if isinstance(a, Fraction):
        return 1 / a

    def make(bits: int) -> Interval:
        low, high = a.interval(bits)
        return 1 / high, 1 / low

    return Irrational(make)


def root(x: Fraction) -> Number:
    """Return the square root of a positive fraction: a fraction where it is one."""
    top, bottom = math.isqrt(x.numerator), math.isqrt(x.denominator)
    if top * top == x.numerator and bottom * bottom == x.denominator:
        return Fraction(top, bottom)

    def make(bits: int) -> Interval:
        shift = bits + max(0, x.denominator.bit_length() - x.numerator.bit_length())
        found = math.isqrt((x.numerator << (2 * shift)) // x.denominator)
        return Fraction(found, 1 << shift), Fraction(found + 1, 1 << shift)

    return Irrational(make)


def logarithm(x: Fraction) -> Number:
    """Return the natural logarithm of a positive fraction."""
    if x == 1:
        return ZERO

    def make(bits: int) -> Interval:
        digits = bits * 302 // 1000 + 8
        context = Context(prec=digits)
        # The quotient is off by a relative 10**(1 - digits), and so is the logarithm of it: absolute and relative.
        found = Fraction(context.ln(context.divide(Decimal(x.numerator), Decimal(x.denominator))))
        error = (1 + abs(found)) * Fraction(10) ** (2 - digits)
        return found - error, found + error

    return Irrational(make)


def exponential(x: Number) -> Number:
    """Return e to the power of x."""
    if x == ZERO:
        return ONE

    def make(bits: int) -> Interval:
        context = Context(prec=bits * 302 // 1000 + 12, Emin=-(10**9), Emax=10**9)
        error = Fraction(10) ** (3 - context.prec)
        low, high = (
            Fraction(context.exp(context.divide(Decimal(end.numerator), Decimal(end.denominator))))
            for end in interval(x, bits)
        )
        return low * (1 - error * (1 + abs(interval(x, bits)[0]))), high * (1 + error * (1 + abs(interval(x, bits)[1])))

    return Irrational(make)


def sign(x: Number) -> int:
    """Return -1, 0 or 1."""
    if isinstance(x, Fraction):
        return (x > 0) - (x < 0)
    for bits in PRECISIONS:
        low, high = x.interval(bits)
        if low > 0 or high < 0:
            return 1 if low > 0 else -1
    return 0


def floor(x: Number) -> int:
    """Return the largest whole number that is at most x."""
    return -ceiling(negated(x))


def ceiling(x: Number) -> int:
    """Return the least whole number that is at least x."""
    if isinstance(x, Fraction):
        return math.ceil(x)
    for bits in PRECISIONS:
        low, high = x.interval(bits)
        if math.ceil(low) == math.ceil(high):
            return math.ceil(low)
    return round((low + high) / 2)


def approximately(x: Number) -> float:
    """Return the nearest float64, or one beside it."""
    low, high = interval(x, PRECISIONS[0])
    return float((low + high) / 2)


def _outward(x: Fraction, bits: int, *, up: bool) -> Fraction:
    """Round to ``bits`` significant bits, away from the interval: endpoints stay short."""
    scale = bits - x.numerator.bit_length() + x.denominator.bit_length()
    if scale <= 0 or x.denominator.bit_length() <= bits // 2:
        return x
    shifted = (x.numerator << scale) // x.denominator
    return Fraction(shifted + up, 1 << scale)
