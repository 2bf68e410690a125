# SPDX-License-Identifier: GPL-3.0-or-later
"""NSGA-II without generations, with pauses in trainings: no worker waits, and nothing is trained twice.

Each turn trains one candidate up to the next rung, from its own weights.  Forecasts choose among children, and stop at
a rung who has no hope to be on the front in the end.  Without forecasts each rung lets the better part through
(successive halving).

What turn ``k`` is follows from the results of the turns before the last few (option ``ahead``), in the order in which
they were decided, and from nothing else: not from which worker was quicker, nor from how many there are.  So equal
seeds give equal searches with any number of workers, and a search that was killed goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import define, field

from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.search.course import Course
from drawplate_evolve_nsga2.search.evaluator import Turn
from drawplate_evolve_nsga2.search.preselection import Preselection
from drawplate_evolve_nsga2.search.promotion import promoted, quota
from drawplate_evolve_nsga2.search.strategy import Generations

SHARE: Final = 4
"""No more than one of so many results is waited for: the first few results change most."""
SAVED: Final = 16
"""Turns after which the state is saved; what was decided since is decided again in the same way."""


@define(kw_only=True)
class Asynchronous(Course):
    """One search; see above."""

    strategy: Generations
    ahead: int
    """How many turns at most are decided before the result of the first of them is looked at."""
    preselection: Preselection | None = None
    turns: list[Turn] = field(factory=list)
    """All that were decided, in order."""
    told: int = 0
    """How many of them were learnt from."""
    first: list[Point] = field(factory=list)
    """Those that nothing chooses: the first generation, or a few from which forecasts learn."""
    rungs: list[dict[Point, Candidate]] = field(init=False)
    """Candidates as they were at each rung."""

    def __attrs_post_init__(self) -> None:
        self.rungs = [{} for _ in range(self.task.top + 1)]

    def run(self) -> dict[Point, Candidate]:
        """Search, or go on with a killed search, and return all candidates by point."""
        state = self.read_state()
        if state is not None:
            self.resume(state)
        if not self.turns:
            self.first = self._begin()
        with self.job.progress(f"{self.job.step}: candidates", self._work()) as bar:
            bar.advance(self.told)
            started = {turn: self.evaluator.start(turn) for turn in self.under_way}
            while True:
                while self._may_decide(len(started)) and (turn := self._decide()) is not None:
                    self.turns.append(turn)
                    if len(self.turns) % SAVED == 0:
                        self.save()
                    started[turn] = self.evaluator.start(turn)
                if not started:
                    break
                first = next(iter(started))
                self.evaluator.settle(started, first)
                del started[first]
                self._learn(self.evaluator.known[first.name])
                bar.advance()
        self._close()
        return self.candidates

    @property
    def under_way(self) -> list[Turn]:
        """Turns whose results are not known."""
        return self.turns[self.told :]

    @property
    def asked(self) -> int:
        """How many candidates were asked for."""
        return len({turn.place.point for turn in self.turns})

    # deciding -----------------------------------------------------------------------------------------------------

    def _begin(self) -> list[Point]:
        """Return who is tried first: the first generation, or those from which forecasts learn."""
        if self.preselection is None:
            return self.strategy.ask(0)
        return self.preselection.begin(self.strategy.evolution, self.strategy.first)

    def _may_decide(self, started: int) -> bool:
        """Whether another turn is decided now: who comes first depends on no result."""
        known = self.asked < len(self.first)
        return started < self.ahead and (known or started < max(2, self.told // SHARE))

    def _decide(self) -> Turn | None:
        """Return the next turn; none while nothing can be decided, or at the end."""
        waiting = {turn.place.point: turn.rung for turn in self.under_way}
        point = self._choose(waiting)
        if point is None:
            return None
        if point in self.candidates:
            candidate = self.candidates[point]
            return self.turn(candidate.place, candidate.rung + 1)
        return self.turn(self.place(point, self.asked // self.strategy.evolution.population), 0)

    def _choose(self, waiting: Mapping[Point, int]) -> Point | None:
        forecasts, evolution = self.preselection, self.strategy.evolution
        if forecasts is None:
            return self._let_through(waiting) or self._listed() or self._bred()
        everybody = list(self.candidates.values())
        paused = [one for one in everybody if one.missing and one.status == "ok" and one.point not in waiting]
        baseline = self.task.coding.baseline
        begun = [one.point for one in paused if one.point in self.first and one.rung == 0 and one.point != baseline]
        others = [one for one in paused if one.point not in begun]
        if any(one.point == baseline for one in others):
            return baseline
        if hopeful := forecasts.hopeful(others, everybody):
            return hopeful[0].point
        if self.asked < len(self.first):
            return self._listed()
        if not forecasts.is_ready():
            return self._let_through(waiting) or self._bred()
        more = self.asked < self.strategy.total
        return forecasts.choose(evolution if more else None, everybody, begun, list(waiting))

    def _listed(self) -> Point | None:
        return self.first[self.asked] if self.asked < len(self.first) else None

    def _bred(self) -> Point | None:
        return None if self.asked >= self.strategy.total else next(iter(self.strategy.evolution.ask(1)), None)

    def _let_through(self, waiting: Mapping[Point, int]) -> Point | None:
        """Return the best of those that a rung lets through and that were not trained on yet, from the top down."""
        enough = self.asked >= self.strategy.total
        for rung in reversed(range(self.task.top)):
            tried = self.rungs[rung]
            last = enough and all(other > rung for other in waiting.values())
            for point in promoted(list(tried.values()), self.task, quota(len(tried), self.task.keep, whole=last)):
                if point not in self.rungs[rung + 1] and point not in waiting and self.candidates[point].rung == rung:
                    return point
        return None

    # learning -----------------------------------------------------------------------------------------------------

    def _learn(self, candidate: Candidate) -> None:
        if candidate.point == self.task.coding.baseline:
            self.check_baseline(candidate)
        before = len(self.candidates)
        self._take_in(candidate)
        self.tell([candidate])
        population = self.strategy.evolution.population
        if len(self.candidates) > before and len(self.candidates) % population == 0:
            self.report()
            self.generation += 1

    def _take_in(self, candidate: Candidate) -> None:
        self.told += 1
        self.rungs[candidate.rung][candidate.point] = candidate
        if self.preselection is not None:
            self.preselection.learn(candidate)

    def report(self) -> None:
        """Add how far forecasts were off."""
        super().report()
        if self.preselection is not None:
            self.preselection.report(self.job)

    def _close(self) -> None:
        """Report what came after the last whole generation as part of it."""
        self.generation = max(0, -(-len(self.candidates) // self.strategy.evolution.population) - 1)
        self.report()
        if len(self.candidates) < self.strategy.total:
            self.job.note(f"all {len(self.candidates):,} candidates of the space were tried")

    def _work(self) -> float:
        """How many turns there will be, about."""
        return self.strategy.total * sum(self.task.keep**rung for rung in range(self.task.top + 1))

    # state --------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Add all decisions, how many were learnt from, and what forecasts said."""
        turns = [[list(turn.place.point), turn.rung, turn.place.generation, turn.place.heritage] for turn in self.turns]
        return {
            **super().state(),
            "turns": turns,
            "told": self.told,
            "first": [list(point) for point in self.first],
            "forecasts": self.preselection.state() if self.preselection else None,
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state.  Where models were removed from the store, begin again with what is left."""
        turns = [
            self.turn(self.task.place(tuple(point), generation, heritage), rung)
            for point, rung, generation, heritage in state["turns"]
        ]
        learnt, known = turns[: state["told"]], self.evaluator.known
        if any(turn.name not in known for turn in learnt):
            return
        super().resume(state)
        self.turns = turns
        self.first = [tuple(point) for point in state["first"]]
        if self.preselection is not None:
            self.preselection.restore(state["forecasts"])
        for turn in learnt:
            candidate = known[turn.name]
            self.candidates[candidate.point] = candidate
            self._take_in(candidate)
