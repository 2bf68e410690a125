# SPDX-License-Identifier: Apache-2.0
"""From conditions on ``scale * n + shift`` to whole numbers that n has to reach."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf, lcm

from attrs import evolve, frozen

from drawplate_quant_finn.exact.functions import AtLeast, Condition, Line
from drawplate_quant_finn.exact.number import (
    PRECISIONS,
    Number,
    approximately,
    ceiling,
    floor,
    interval,
    inverse,
    negated,
    times,
)


@frozen
class Levels:
    """The codes that one channel's integer reaches."""

    direction: int
    """1 where codes grow with n, -1 where they fall, 0 where n does not matter."""
    reached: tuple[float, ...]
    """Whole numbers that ``direction * n`` has to be at least for one code more; -inf for always, inf for never."""
    borders: tuple[float, ...]
    """Where, to 53 bits, the border between two codes lies on the line of ``direction * n``."""


def levels(conditions: Sequence[Condition], scale: Number, shift: Number) -> Levels:
    """Turn conditions, one per code above the lowest, into thresholds.

    Args:
        conditions: on ``scale * n + shift``, each implying the one before.
        scale: of the integer n.
        shift: what is added.
    """
    line = Line(scale, shift)
    if line.slope == 0:
        conditions = [line.before(said) if isinstance(said, AtLeast) else said for said in conditions]
    asked = [said for said in conditions if isinstance(said, AtLeast)]
    if line.slope < 0:
        asked = [evolve(said, open=not said.open, denied=not said.denied) for said in asked]
    found = iter(_least(asked, scale, shift) if asked else ())
    turned = any(said.denied for said in asked)
    reached: list[float] = []
    borders: list[float] = []
    for said in conditions:
        if isinstance(said, bool):
            reached.append(-inf if said else inf)
            borders.append(reached[-1])
        else:
            least, border = next(found)
            reached.append(1 - least if turned else least)
            borders.append(-border if turned else border)
    return Levels(0 if not asked else -1 if turned else 1, tuple(reached), tuple(borders))


def _least(asked: Sequence[AtLeast], scale: Number, shift: Number) -> list[tuple[int, float]]:
    """Return the least n of each condition, ``denied`` aside: ``n >= (value - shift) / scale``, or above; and where."""
    values = [said.value for said in asked]
    fractions = [value for value in values if isinstance(value, Fraction)]
    quick = _quickly(asked, fractions, scale, shift) if len(fractions) == len(values) else [None] * len(values)
    found = []
    for said, decided in zip(asked, quick, strict=True):
        if decided is not None:
            found.append(decided)
            continue
        start = Line(inverse(scale), times(negated(shift), inverse(scale))).at(said.value)
        found.append((floor(start) + 1 if said.open else ceiling(start), approximately(start)))
    return found


def _quickly(
    asked: Sequence[AtLeast], values: Sequence[Fraction], scale: Number, shift: Number
) -> list[tuple[int, float] | None]:
    """Decide what intervals of whole numbers decide, which is all but ties; None for those."""
    bits = PRECISIONS[0]
    unit = lcm(*(value.denominator for value in values))
    step = _fixed(times(inverse(scale), Fraction(1, unit)), 2 * bits)
    start = _fixed(times(negated(shift), inverse(scale)), 2 * bits)
    found: list[tuple[int, float] | None] = []
    for said, value in zip(asked, values, strict=True):
        times_unit = value.numerator * (unit // value.denominator)
        ends = (times_unit * step[0], times_unit * step[1])
        low, high = min(ends) + start[0], max(ends) + start[1]
        if said.open:
            least, most = (low >> 2 * bits) + 1, (high >> 2 * bits) + 1
        else:
            least, most = -(-low >> 2 * bits), -(-high >> 2 * bits)
        found.append((least, low / (1 << 2 * bits)) if least == most else None)
    return found


def _fixed(x: Number, bits: int) -> tuple[int, int]:
    low, high = interval(x, bits)
    return (low.numerator << bits) // low.denominator, -((-high.numerator << bits) // high.denominator)
