# SPDX-License-Identifier: GPL-3.0-or-later
"""Which member of the front later steps go on with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from drawplate import FlowError
from drawplate_evolve_nsga2.wanted.goals import Goal, Limit, read_limits

_CONDITION = re.compile(r"^([\w.]+)\s*(<=|>=)\s*(\S+)$")
_AIM = re.compile(r"^(min|max)\s+([\w.]+)$")


@frozen
class Choosing:
    """The knee of the front, or an aim among those that keep all conditions."""

    conditions: tuple[Limit, ...] = ()
    aim: Goal | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Metrics that it looks at."""
        return (*(limit.name for limit in self.conditions), *([self.aim.name] if self.aim else []))

    def choose(self, members: Sequence[Mapping[str, float]], goals: Sequence[Goal]) -> int:
        """Return the index of the chosen member.

        Where none keeps all conditions, that which misses them least.
        """
        misses = [sum(limit.violation(member) for limit in self.conditions) for member in members]
        kept = [i for i, miss in enumerate(misses) if miss == min(misses)]
        if self.aim is not None:
            aim = self.aim
            return min(kept, key=lambda i: (aim.of(members[i]), i))
        vectors = [tuple(goal.of(members[i]) for goal in goals) for i in kept]
        return kept[knee(vectors)]


def knee(vectors: Sequence[Sequence[float]]) -> int:
    """Return the index of the vector that bulges most from the plane through the front's ends (Das 1999).

    With every objective brought to 0..1 over the front, that is the one with the smallest sum.
    """
    low = [min(column) for column in zip(*vectors, strict=True)]
    high = [max(column) for column in zip(*vectors, strict=True)]

    def bulge(vector: Sequence[float]) -> float:
        return sum(float(v - lo) / (hi - lo or 1) for v, lo, hi in zip(vector, low, high, strict=True))

    return min(range(len(vectors)), key=lambda i: (round(bulge(vectors[i]), 12), i))


def read_choice(text: str) -> Choosing:
    """Read ``knee``, or conditions and one aim: ``error<=12, min macs``.

    Raises:
        FlowError: for anything else.
    """
    conditions: list[Limit] = []
    aim = None
    for part in filter(None, (part.strip() for part in text.split(","))):
        if part == "knee":
            continue
        found_condition, found_aim = _CONDITION.match(part), _AIM.match(part)
        if found_condition:
            conditions += read_limits({found_condition[1]: f"{found_condition[2]}{found_condition[3]}"})
        elif found_aim and aim is None:
            aim = Goal(found_aim[2], 1 if found_aim[1] == "min" else -1)
        else:
            raise FlowError(
                f"is {text!r}", where="option 'choose'", allowed='knee, or as "error<=12, min ort.latency_ms"'
            )
    return Choosing(tuple(conditions), aim)
