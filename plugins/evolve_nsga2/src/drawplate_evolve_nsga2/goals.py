# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of candidates: objectives and constraints over metrics by name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from drawplate import FlowError, Job
from drawplate.errors import nearest
from drawplate_evolve_nsga2.substeps import SubStep

OWN = ("error", "params", "macs")
"""Metrics that a search finds out itself: error on the validation images, and what is counted in the graph."""
ON_TEST = ("error", "top1")
PENALTY = 1e9
"""Objective of a candidate that has none.  Finite: a NaN would be dominated by nothing and fill the front."""
FAILED = 1e6
"""Violation of a candidate that failed: worse than any broken limit."""

_LIMIT = re.compile(r"^(<=|>=)\s*([-+0-9._eE]+)$")


@frozen
class Goal:
    """One objective."""

    name: str
    sign: int
    """1 to make it small, -1 to make it large."""

    def of(self, values: Mapping[str, float]) -> float:
        """Return what is to be made small, always finite."""
        value = values.get(self.name, math.nan)
        return self.sign * value if math.isfinite(value) else PENALTY


@frozen
class Limit:
    """One constraint."""

    name: str
    upper: bool
    bound: float

    def violation(self, values: Mapping[str, float]) -> float:
        """By how much it is missed, relative to the bound; 0 where it is kept or nothing is known."""
        value = values.get(self.name)
        if value is None:
            return 0.0
        if not math.isfinite(value):
            return FAILED
        over = value - self.bound if self.upper else self.bound - value
        return min(max(over, 0.0) / (abs(self.bound) or 1.0), FAILED)

    def __str__(self) -> str:
        return f"{self.name} {'<=' if self.upper else '>='} {self.bound:g}"


def read_goals(table: Mapping[str, Any]) -> tuple[Goal, ...]:
    """Read ``[step.objectives]``.

    Raises:
        FlowError: when there is none, or one is neither min nor max.
    """
    goals = []
    for name, said in flat(table):
        if said not in ("min", "max"):
            raise FlowError(f"is {said!r}", where=f"objectives, key {name!r}", allowed="min, max")
        goals.append(Goal(name, 1 if said == "min" else -1))
    if not goals:
        raise FlowError("has no objectives", hint='write [step.objectives] with error = "min"')
    return tuple(goals)


def read_limits(table: Mapping[str, Any]) -> tuple[Limit, ...]:
    """Read ``[step.constraints]``.

    Raises:
        FlowError: for what is no limit.
    """
    limits = []
    for name, said in flat(table):
        found = _LIMIT.match(said.replace(" ", "")) if isinstance(said, str) else None
        try:
            assert found is not None
            limits.append(Limit(name, found[1] == "<=", float(found[2])))
        except (AssertionError, ValueError) as error:
            raise FlowError(
                f"is {said!r}", where=f"constraints, key {name!r}", allowed='"<= NUMBER" or ">= NUMBER"'
            ) from error
    return tuple(limits)


def flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted names: TOML reads an unquoted ``ort.latency_ms`` as a table in a table."""
    for key, value in table.items():
        if isinstance(value, Mapping) and "lo" not in value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def check_names(names: Sequence[str], steps: Sequence[SubStep], job: Job, where: str) -> None:
    """Check that every metric can come of a candidate.

    Raises:
        FlowError: for one that cannot, or that only the test images give.
    """
    cards = {step.name: job.card(step.use) for step in steps if step.measures}
    known = [*OWN, *(f"{step}.{metric}" for step, card in cards.items() for metric in sorted(card.metrics))]
    for name in names:
        step, _, metric = name.rpartition(".")
        if step in cards and metric in ON_TEST:
            raise FlowError(
                "is found on the test images, which must not choose",
                where=f"{where}, key {name!r}",
                allowed="error, on the validation images",
            )
        if name in known or (step in cards and not cards[step].metrics):
            continue
        raise FlowError("no step of a candidate gives this metric", where=f"{where}, key {name!r}", allowed=known,
                        meant=nearest(name, known))  # fmt: skip
