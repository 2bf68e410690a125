# SPDX-License-Identifier: GPL-3.0-or-later
"""The search: ask, evaluate in workers, tell, save."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from attrs import define, field

from drawplate import Job, StepFailed
from drawplate.store import sealed
from drawplate_evolve_nsga2.candidate.genome import genome_key
from drawplate_evolve_nsga2.candidate.record import Candidate, Place
from drawplate_evolve_nsga2.nsga import Point, front, hypervolume
from drawplate_evolve_nsga2.search.evaluator import Evaluator
from drawplate_evolve_nsga2.search.strategy import Strategy
from drawplate_evolve_nsga2.task.task import Task

STATE = "search.json"


@define(kw_only=True)
class Search:
    """One search, whose state is saved after every generation."""

    task: Task
    strategy: Strategy
    inherit: bool
    job: Job
    evaluator: Evaluator
    generation: int = 0
    candidates: dict[Point, Candidate] = field(factory=dict)
    box: list[list[float]] = field(factory=list)
    """Lowest and highest objectives of the first feasible generation: what hypervolumes are measured in."""

    def run(self) -> dict[Point, Candidate]:
        """Search, or go on with a killed search, and return all candidates by point."""
        self._restore()
        with self.job.progress(f"{self.job.step}: candidates", self._work()) as bar:
            bar.advance(len(self.candidates))
            while points := self.strategy.ask(self.generation):
                started = time.monotonic()
                found = self.evaluator.evaluate([self._place(point) for point in points], bar)
                self._check_first(found)
                self._tell(found)
                self._report(time.monotonic() - started)
                self.generation += 1
                self._save()
        if len(self.candidates) < self.strategy.total:
            self.job.note(f"all {len(self.candidates):,} candidates of the space were tried")
        return self.candidates

    def _work(self) -> float:
        """How many trainings there will be, those cut short at rungs counted as one each."""
        keep = self.task.keep
        return self.strategy.total * sum(keep**rung for rung in range(max(1, len(self.task.rungs))))

    def _place(self, point: Point) -> Place:
        """Name a candidate, and the nearest of earlier generations where it inherits."""
        others = [one for one in self.candidates.values() if one.artifact is not None and not one.missing]
        if not self.inherit or not others:
            return self.task.place(point, self.generation)
        axes = self.task.coding.axes

        def distance(other: Candidate) -> tuple[float, Point]:
            parts = zip(axes, point, other.point, strict=True)
            return sum(abs(a - b) / axis.size if axis.ordered else float(a != b) for axis, a, b in parts), other.point

        return self.task.place(point, self.generation, min(others, key=distance).key)

    def _tell(self, found: Sequence[Candidate]) -> None:
        self.candidates |= {candidate.point: candidate for candidate in found}
        self.strategy.tell([candidate.individual(self.task.goals, self.task.limits) for candidate in found])

    def _check_first(self, found: Sequence[Candidate]) -> None:
        """A baseline that fails means that all will: say why, at once."""
        baseline = found[0]
        if self.generation or baseline.status != "failed":
            return
        self.evaluator.ledger.forget_failures()
        error = self.evaluator.failures.get(baseline.point) or StepFailed(baseline.reason)
        raise error.at("baseline candidate")

    # what is reported ---------------------------------------------------------------------------------------------

    def _report(self, seconds: float) -> None:
        found = [one.individual(self.task.goals, self.task.limits) for one in self.candidates.values()]
        best = [one.objectives for one in front(found)]
        if best and not self.box:
            columns = list(zip(*(one.objectives for one in found if one.violation == 0), strict=True))
            self.box = [[min(column) for column in columns], [max(column) for column in columns]]
        volume = relative_hypervolume(best, self.box) if self.box else 0.0
        row = {
            "generation": self.generation,
            "evaluations": len(self.candidates),
            "hypervolume": volume,
            "seconds": round(seconds, 3),
        }
        self.job.row("generations", str(self.generation), row)
        self.job.track("hypervolume", self.generation, volume)

    # state --------------------------------------------------------------------------------------------------------

    def _save(self) -> None:
        sealed.write_record(self.job.workdir / STATE, self._state())

    def _state(self) -> dict[str, Any]:
        return {
            "generation": self.generation,
            "strategy": self.strategy.state(),
            "evaluated": [[list(one.point), one.rung] for one in self.candidates.values()],
            "box": self.box,
        }

    def _restore(self) -> None:
        state = _read_state(self.job)
        if state is not None:
            self._resume(state)

    def _resume(self, state: dict[str, Any]) -> None:
        """Go on from a state.  Where models were removed from the store, begin again with what is left."""
        known, coding = self.evaluator.known, self.task.coding
        points = [(tuple(point), rung) for point, rung in state["evaluated"]]
        names = [f"{genome_key(coding.genome(point))}-{self.task.seed}-{rung}" for point, rung in points]
        if any(name not in known for name in names):
            return
        self.generation, self.box = state["generation"], state["box"]
        self.candidates = {known[name].point: known[name] for name in names}
        self.strategy.restore(state["strategy"])
        self.evaluator.by_key |= {one.key: one for one in self.candidates.values()}


def relative_hypervolume(vectors: Sequence[tuple[float, ...]], box: Sequence[Sequence[float]]) -> float:
    """Return the hypervolume in units of a box, with 10 % of its sides beyond its worst corner as reference."""
    low, high = box
    sides = [(hi - lo) or abs(hi) or 1.0 for lo, hi in zip(low, high, strict=True)]
    scaled = [tuple((v - lo) / side for v, lo, side in zip(vector, low, sides, strict=True)) for vector in vectors]
    reference = tuple((hi - lo) / side + 0.1 for lo, hi, side in zip(low, high, sides, strict=True))
    return hypervolume(scaled, reference)


def _read_state(job: Job) -> dict[str, Any] | None:
    """Return the state; without one, or with a damaged one, the search begins again with the candidates it knows."""
    try:
        return sealed.read_record(job.workdir / STATE)
    except FileNotFoundError:
        return None
    except sealed.Damaged as error:
        job.log.warning("the search begins again with the candidates that it knows: its state %s", error.message)
        return None
