# SPDX-License-Identifier: Apache-2.0
"""From conditions on ``scale * n + shift`` to whole numbers that n has to reach."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf, lcm

from attrs import frozen

from drawplate_quant_finn.lowering.exact.functions import AtLeast, Condition, Line
from drawplate_quant_finn.lowering.exact.number import (
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


@frozen
class Asked:
    """Conditions on one number, one per code above the lowest, each implying the one before; made ready once."""

    said: tuple[Condition, ...]
    unit: int
    """Common denominator of all values; 0 where a value is no fraction."""
    tops: tuple[int, ...]
    """Of each condition that is one: its value times the unit."""

    @classmethod
    def of(cls, said: Sequence[Condition]) -> Asked:
        """Make conditions ready."""
        values = [condition.value for condition in said if isinstance(condition, AtLeast)]
        fractions = [value for value in values if isinstance(value, Fraction)]
        if len(fractions) < len(values):
            return cls(tuple(said), 0, ())
        unit = lcm(*(value.denominator for value in fractions))
        return cls(tuple(said), unit, tuple(value.numerator * (unit // value.denominator) for value in fractions))


def levels(asked: Asked, scale: Number, shift: Number) -> Levels:
    """Turn conditions on ``scale * n + shift`` into thresholds for n."""
    line = Line(scale, shift)
    way = line.slope
    if way == 0:
        asked = Asked.of([line.before(said) if isinstance(said, AtLeast) else said for said in asked.said])
    questions = [said for said in asked.said if isinstance(said, AtLeast)]
    turned = any(said.denied for said in questions) != (way < 0) and bool(questions)
    found = iter(_least(asked, questions, scale, shift, falls=way < 0) if questions else ())
    reached: list[float] = []
    borders: list[float] = []
    for said in asked.said:
        if isinstance(said, bool):
            reached.append(-inf if said else inf)
            borders.append(reached[-1])
        else:
            least, border = next(found)
            reached.append(1 - least if turned else least)
            borders.append(-border if turned else border)
    return Levels(0 if not questions else -1 if turned else 1, tuple(reached), tuple(borders))


def _least(
    asked: Asked, questions: Sequence[AtLeast], scale: Number, shift: Number, *, falls: bool
) -> list[tuple[int, float]]:
    """Return the least n of each condition, ``denied`` aside, and the border: ``n >= (value - shift) / scale``.

    Where the line falls, what was "at least" is "above", and the other way round.
    """
    quick = _quickly(asked, questions, scale, shift, falls=falls) if asked.unit else [None] * len(questions)
    found = []
    for said, decided in zip(questions, quick, strict=True):
        if decided is not None:
            found.append(decided)
            continue
        start = Line(inverse(scale), times(negated(shift), inverse(scale))).at(said.value)
        least = floor(start) + 1 if said.open != falls else ceiling(start)
        found.append((least, approximately(start)))
    return found


def _quickly(
    asked: Asked, questions: Sequence[AtLeast], scale: Number, shift: Number, *, falls: bool
) -> list[tuple[int, float] | None]:
    """Decide what intervals of whole numbers decide, which is all but ties; None for those."""
    bits = 2 * PRECISIONS[0]
    one = 1 << bits
    step = _fixed(times(inverse(scale), Fraction(1, asked.unit)), bits)
    start = _fixed(times(negated(shift), inverse(scale)), bits)
    found: list[tuple[int, float] | None] = []
    for said, top in zip(questions, asked.tops, strict=True):
        ends = (top * step[0], top * step[1]) if top >= 0 else (top * step[1], top * step[0])
        low, high = ends[0] + start[0], ends[1] + start[1]
        if said.open != falls:
            least, most = (low >> bits) + 1, (high >> bits) + 1
        else:
            least, most = -(-low >> bits), -(-high >> bits)
        found.append((least, low / one) if least == most else None)
    return found


def _fixed(x: Number, bits: int) -> tuple[int, int]:
    low, high = interval(x, PRECISIONS[0])
    return (low.numerator << bits) // low.denominator, -((-high.numerator << bits) // high.denominator)
