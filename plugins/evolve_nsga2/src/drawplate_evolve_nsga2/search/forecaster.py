# SPDX-License-Identifier: GPL-3.0-or-later
"""Forecasts of one objective, tested by what they said before each candidate was trained."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import define, field, frozen

from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.candidate.trial import values_of
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.search.features import Features
from drawplate_evolve_nsga2.wanted.goals import Goal

if TYPE_CHECKING:
    from drawplate_evolve_nsga2.search.surrogate import Forecast, Surrogate

TESTED: Final = 24
"""Latest forecasts that say whether the model helps."""
FIRST: Final = 16
"""Results that tell what is poor: later ones are better than what can be found everywhere."""
ENOUGH: Final = 8
"""Forecasts without which it is believed."""


@frozen
class Test:
    """A forecast made before a candidate was trained, and what came of it."""

    point: Point
    rung: int
    said: float
    mean: float
    """Of all that was known of that rung then: a forecast without a model."""
    came: float | None = None


@define
class Forecaster:
    """Learns one objective from all rungs."""

    goal: Goal
    features: Features
    epochs: Sequence[float]
    """By rung: how much of the training it is, 0 for all of it to 1 for the least."""
    seen: list[tuple[Point, int, float]] = field(factory=list)
    """Point, rung and objective of all that was trained."""
    tests: list[Test] = field(factory=list)
    _model: Surrogate | None = None
    _learnt: int = 0

    @property
    def model(self) -> Surrogate:
        """The surrogate, made when it is first needed."""
        from drawplate_evolve_nsga2.search.surrogate import Surrogate

        if self._model is None:
            self._model = Surrogate()
        return self._model

    def learn(self, candidate: Candidate) -> None:
        """Take in what came of a candidate."""
        value = self.goal.of(values_of(candidate.metrics))
        if candidate.status != "ok" or not math.isfinite(value) or self.features.of(candidate.point) is None:
            return
        self.seen.append((candidate.point, candidate.rung, value))
        self.tests = [
            attrs.evolve(test, came=value) if (test.point, test.rung) == (candidate.point, candidate.rung) else test
            for test in self.tests
        ]

    def is_ready(self) -> bool:
        """Learn what was seen since; tell whether there is enough to forecast from."""
        if len(self.seen) > self._learnt:
            rows = [self._row(point, rung) for point, rung, _ in self.seen]
            if not self.model.fit(rows, [value for _, _, value in self.seen]):
                return False
            self._learnt = len(self.seen)
        return self._learnt > 0

    def forecast(self, points: Sequence[Point], rung: int) -> Forecast:
        """Say what points will have at a rung; only when :meth:`is_ready`."""
        return self.model.predict([self._row(point, rung) for point in points])

    def poor(self) -> float:
        """Return what one in ten of the first ones missed, as far as they were trained."""
        first = {point: value for point, _, value in self.seen[:FIRST]}
        return sorted(first.values())[int(0.9 * len(first))]

    def promise(self, point: Point) -> None:
        """Write down what is said of a candidate before it is trained."""
        for rung in range(len(self.epochs)):
            known = [value for _, other, value in self.seen if other == rung]
            if known:
                said = float(self.forecast([point], rung).values[0])
                self.tests.append(Test(point, rung, said, statistics.fmean(known)))

    def _row(self, point: Point, rung: int) -> tuple[float, ...]:
        known = self.features.of(point)
        assert known is not None
        return (*known.features, self.epochs[rung])

    # is it any good? ----------------------------------------------------------------------------------------------

    def helps(self) -> bool:
        """Whether its latest forecasts were nearer than the mean of what was known."""
        done = self._done(0)[-TESTED:]
        return len(done) < ENOUGH or _missed(done) < _missed_by_mean(done)

    def row(self, rung: int) -> dict[str, Any] | None:
        """Say how far its forecasts of a rung were off, in units of the objective."""
        from drawplate_evolve_nsga2.search.rank import spearman

        done = self._done(rung)
        if not done:
            return None
        pairs = [(test.said, test.came or 0.0) for test in done]
        return {
            "objective": self.goal.name,
            "rung": rung,
            "forecasts": len(done),
            "mean_error": _missed(done),
            "mean_error_without": _missed_by_mean(done),
            "spearman": spearman(*zip(*pairs, strict=True)),
            "used": self.helps(),
        }

    def _done(self, rung: int) -> list[Test]:
        return [test for test in self.tests if test.rung == rung and test.came is not None]

    # state --------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return what cannot be found again from the candidates, as JSON values."""
        tests = [[list(test.point), test.rung, test.said, test.mean] for test in self.tests]
        return {"tests": tests, "theta": self.model.theta, "fitted": self.model.fitted}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; what came of the candidates has to be learnt again."""
        self.tests = [Test(tuple(point), rung, said, mean) for point, rung, said, mean in state["tests"]]
        self.model.theta, self.model.fitted = state["theta"], state["fitted"]


def _missed(tests: Sequence[Test]) -> float:
    return statistics.fmean(abs(test.said - (test.came or 0.0)) for test in tests)


def _missed_by_mean(tests: Sequence[Test]) -> float:
    return statistics.fmean(abs(test.mean - (test.came or 0.0)) for test in tests)
