# SPDX-License-Identifier: GPL-3.0-or-later
"""What every search has: candidates so far, what is reported of them, and a state that survives a kill."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from attrs import define, field

from drawplate import Job, StepFailed
from drawplate.store import sealed
from drawplate_evolve_nsga2.candidate.record import Candidate, Place
from drawplate_evolve_nsga2.nsga import Point, front, hypervolume
from drawplate_evolve_nsga2.search.evaluator import Evaluator, Turn
from drawplate_evolve_nsga2.search.promotion import SOUND
from drawplate_evolve_nsga2.search.rows import candidate_row
from drawplate_evolve_nsga2.search.strategy import Strategy
from drawplate_evolve_nsga2.task.task import Task

STATE = "search.json"


@define(kw_only=True)
class Course:
    """One search under way."""

    task: Task
    strategy: Strategy
    inherit: bool
    job: Job
    evaluator: Evaluator
    generation: int = 0
    candidates: dict[Point, Candidate] = field(factory=dict)
    """By point, as far as each was trained."""
    box: list[list[float]] = field(factory=list)
    """Lowest and highest objectives of the first generation: what hypervolumes are measured in."""
    on_front: set[Point] = field(factory=set)
    """As it was last reported."""
    began: float = field(factory=time.monotonic)
    """When the generation began, or was gone on with."""

    def place(self, point: Point, generation: int) -> Place:
        """Name a candidate, and the nearest of those trained to the end whose weights it inherits."""
        others = [one for one in self.candidates.values() if one.artifact is not None and not one.missing]
        if not self.inherit or not others:
            return self.task.place(point, generation)
        axes = self.task.coding.axes

        def distance(other: Candidate) -> tuple[float, Point]:
            parts = zip(axes, point, other.point, strict=True)
            return sum(abs(a - b) / axis.size if axis.ordered else float(a != b) for axis, a, b in parts), other.point

        nearest = self.turn(min(others, key=distance).place, self.task.top)
        return self.task.place(point, generation, nearest.name)

    def turn(self, place: Place, rung: int) -> Turn:
        """Have a candidate trained up to a rung, with the search's own seed."""
        return Turn(place=place, rung=rung, seed=self.task.seed)

    def check_baseline(self, baseline: Candidate) -> None:
        """A baseline that fails means that all will: say why, at once.

        Raises:
            DrawplateError: what it failed of.
        """
        if baseline.status == "failed":
            self.evaluator.ledger.forget_failures()
            error = self.evaluator.failures.get(baseline.point) or StepFailed(baseline.reason)
            raise error.at("baseline candidate")

    def tell(self, found: Sequence[Candidate]) -> None:
        """Learn what candidates are worth."""
        self.candidates |= {candidate.point: candidate for candidate in found}
        self.strategy.tell([candidate.individual(self.task.goals, self.task.limits) for candidate in found])

    def report(self) -> None:
        """Write down where the search stands at the end of a generation."""
        found = [one.individual(self.task.goals, self.task.limits) for one in self.candidates.values()]
        sound = [one.objectives for one in found if one.violation < SOUND]
        if sound and not self.box:
            columns = list(zip(*sound, strict=True))
            self.box = [[min(column) for column in columns], [max(column) for column in columns]]
        best = {one.point: one.objectives for one in front(found)}
        for point in best.keys() ^ self.on_front:
            candidate = self.candidates[point]
            self.job.row("candidates", candidate.key, candidate_row(candidate, self.task, front=point in best))
        self.on_front = set(best)
        volume = relative_hypervolume([*best.values()], self.box) if best else 0.0
        now = time.monotonic()
        row = {
            "generation": self.generation,
            "evaluations": len(self.candidates),
            "of": self.strategy.total,
            "hypervolume": volume,
            "seconds": round(now - self.began, 3),
        }
        self.began = now
        self.job.row("generations", str(self.generation), row)
        self.job.track("hypervolume", self.generation, volume)

    # state --------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Replace the state on disk."""
        sealed.write_record(self.job.workdir / STATE, self.state())

    def state(self) -> dict[str, Any]:
        """Return all that decides how the search goes on, as JSON values."""
        return {"generation": self.generation, "strategy": self.strategy.state(), "box": self.box}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.generation, self.box = state["generation"], state["box"]
        self.strategy.restore(state["strategy"])

    def read_state(self) -> dict[str, Any] | None:
        """Return the state; without one, or with a damaged one, the search begins again with what it knows."""
        try:
            return sealed.read_record(self.job.workdir / STATE)
        except FileNotFoundError:
            return None
        except sealed.Damaged as error:
            self.job.log.warning(
                "the search begins again with the candidates that it knows: its state %s", error.message
            )
            return None


def relative_hypervolume(vectors: Sequence[tuple[float, ...]], box: Sequence[Sequence[float]]) -> float:
    """Return the hypervolume in units of a box, with 10 % of its sides beyond its worst corner as reference."""
    low, high = box
    sides = [(hi - lo) or abs(hi) or 1.0 for lo, hi in zip(low, high, strict=True)]
    scaled = [tuple((v - lo) / side for v, lo, side in zip(vector, low, sides, strict=True)) for vector in vectors]
    reference = tuple((hi - lo) / side + 0.1 for lo, hi, side in zip(low, high, sides, strict=True))
    return hypervolume(scaled, reference)
