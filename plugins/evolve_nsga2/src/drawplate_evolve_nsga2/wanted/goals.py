# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of candidates: objectives and constraints over metrics by name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from drawplate import Artifact, Card, FlowError, Job
from drawplate.errors import nearest
from drawplate.metric import Direction
from drawplate.task import TASKS, task_of

COUNTED: Mapping[str, Direction | None] = {"params": Direction.LOWER, "macs": Direction.LOWER}
"""Metrics that are counted in the graph."""
MEASURES = frozenset(measure.name for task in TASKS.values() for measure in task.measures)
"""Metrics of all tasks."""
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


def read_goals(said: Mapping[str, Any] | Sequence[str], known: Known) -> tuple[Goal, ...]:
    """Read ``objectives``: names, or a table from name to min or max.

    Raises:
        FlowError: when there is none, one is neither min nor max, or the worse values of a task's metric are wanted.
    """
    pairs = tuple(flat(said)) if isinstance(said, Mapping) else tuple((name, None) for name in said)
    known.check([name for name, _ in pairs], "objectives")
    goals = tuple(_goal(name, wanted, known) for name, wanted in pairs)
    if not goals:
        raise FlowError("has no objectives", hint='write [step.objectives] with error = "min"')
    return goals


def _goal(name: str, wanted: Any, known: Known) -> Goal:
    where, better = f"objectives, key {name!r}", known.direction(name)
    best = {Direction.HIGHER: "max", Direction.LOWER: "min", None: None}[better]
    if wanted is None:
        if best is None:
            raise FlowError(
                "nobody says which values are better", where=where, hint=f'write [step.objectives] with {name} = "min"'
            )
        wanted = best
    if wanted not in ("min", "max"):
        raise FlowError(f"is {wanted!r}", where=where, allowed="min, max")
    if name in known.judged and wanted != best:
        raise FlowError(f"is {wanted!r}, but {better} values of it are better", where=where, allowed=best)
    return Goal(name, 1 if wanted == "min" else -1)


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


@frozen(kw_only=True)
class Known:
    """Metrics that can come of a candidate, and which values of them are better."""

    judged: Mapping[str, Direction]
    """Those of the data's task, which a search finds out itself, on the validation images."""
    cards: Mapping[str, Card]
    """Of the candidate's steps that measure, by name."""

    @property
    def names(self) -> list[str]:
        """All that are known by name."""
        own = [f"{step}.{metric}" for step, card in self.cards.items() for metric in sorted(card.metrics)]
        return [*self.judged, *COUNTED, *own]

    def direction(self, name: str) -> Direction | None:
        """Return which values are better; None where nobody has said."""
        step, _, metric = name.rpartition(".")
        if step in self.cards:
            return self.cards[step].metrics.get(metric)
        return {**COUNTED, **self.judged}.get(name)

    def check(self, names: Sequence[str], where: str) -> None:
        """Check that every metric can come of a candidate.

        Raises:
            FlowError: for one that cannot, or that is found on the test split.
        """
        for name in names:
            step, _, metric = name.rpartition(".")
            card = self.cards.get(step)
            if card is not None and card.judges == "test" and metric in MEASURES and metric not in card.metrics:
                raise FlowError(
                    "is found on the test images, which must not choose",
                    where=f"{where}, key {name!r}",
                    allowed=f"{metric}, on the validation images" if metric in self.judged else list(self.judged),
                )
            if name in self.names or (card is not None and not card.metrics):
                continue
            raise FlowError("no step of a candidate gives this metric", where=f"{where}, key {name!r}",
                            allowed=self.names, meant=nearest(name, self.names))  # fmt: skip


def known_metrics(model: Artifact, cards: Mapping[str, Card], job: Job) -> Known:
    """Find out which metrics can come of a candidate; without data no task has any.

    Args:
        model: what the search starts from.
        cards: of the candidate's steps that measure, by name.
        job: knows the data.
    """
    measures = task_of(model, job.dataset).measures if job.has_data else ()
    return Known(judged={measure.name: measure.direction for measure in measures}, cards=cards)
