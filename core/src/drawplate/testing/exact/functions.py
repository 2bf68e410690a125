# SPDX-License-Identifier: Apache-2.0
"""Functions with irrational values, to 75 digits: far beyond what could decide a rounding wrongly."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction

from drawplate.testing.exact.number import Exact, of_fractions

DIGITS = 75
BITS = 256
FAR = Fraction(1000)
"""Where these functions are flat to more digits than are kept."""


def square_root(value: Fraction) -> Fraction:
    """Return the root: exactly where it is rational, else to 2**-256 of it."""
    top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    shift = 2 * BITS + 2 * max(0, value.denominator.bit_length() - value.numerator.bit_length())
    shift += shift % 2
    return Fraction(math.isqrt((value.numerator << shift) // value.denominator), 1 << (shift // 2))


def reciprocal_root(value: Fraction) -> Fraction:
    """Return 1 / root; where that is irrational, as a whole number over a power of two."""
    inverse = 1 / value
    root = square_root(inverse)
    if root * root == inverse or root.denominator & (root.denominator - 1) == 0:
        return root
    return Fraction(round(root * (1 << (2 * BITS))), 1 << (2 * BITS))


def sigmoid(x: Exact) -> Exact:
    """Return 1 / (1 + exp(-x))."""
    return _each(x, lambda value: 1 / (1 + (-value).exp()))


def tanh(x: Exact) -> Exact:
    """Return the hyperbolic tangent; 0 at 0 exactly."""
    return _each(x, lambda value: 1 - 2 / (1 + (2 * value).exp()))


def _each(x: Exact, function: Callable[[Decimal], Decimal]) -> Exact:
    values = list(x.fractions())
    with localcontext(prec=DIGITS):
        found = {value: Fraction(function(_decimal(min(FAR, max(-FAR, value))))) for value in set(values)}
    return of_fractions([found[value] for value in values]).reshaped(x.shape)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
