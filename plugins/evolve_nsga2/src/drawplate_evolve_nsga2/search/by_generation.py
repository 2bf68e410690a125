# SPDX-License-Identifier: GPL-3.0-or-later
"""The search by generations: ask for all of one, evaluate in workers, tell, save."""

from __future__ import annotations

from typing import Any

from attrs import define

from drawplate_evolve_nsga2.candidate.genome import genome_key
from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.search.course import Course


@define(kw_only=True)
class ByGeneration(Course):
    """Its state is saved after every generation."""

    def run(self) -> dict[Point, Candidate]:
        """Search, or go on with a killed search, and return all candidates by point."""
        state = self.read_state()
        if state is not None:
            self.resume(state)
        with self.job.progress(f"{self.job.step}: candidates", self._work()) as bar:
            bar.advance(len(self.candidates))
            while points := self.strategy.ask(self.generation):
                found = self.evaluator.evaluate([self.place(point, self.generation) for point in points], bar)
                if not self.generation:
                    self.check_baseline(found[0])
                self.tell(found)
                self.report()
                self.generation += 1
                self.save()
        if len(self.candidates) < self.strategy.total:
            self.job.note(f"all {len(self.candidates):,} candidates of the space were tried")
        return self.candidates

    def _work(self) -> float:
        """How many trainings there will be, those cut short at rungs counted as one each."""
        return self.strategy.total * sum(self.task.keep**rung for rung in range(self.task.top + 1))

    def state(self) -> dict[str, Any]:
        """Add who was evaluated, and how far."""
        return {**super().state(), "evaluated": [[list(one.point), one.rung] for one in self.candidates.values()]}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state.  Where models were removed from the store, begin again with what is left."""
        known, coding = self.evaluator.known, self.task.coding
        points = [(tuple(point), rung) for point, rung in state["evaluated"]]
        names = [f"{genome_key(coding.genome(point))}-{self.task.seed}-{rung}" for point, rung in points]
        if all(name in known for name in names):
            super().resume(state)
            self.candidates = {known[name].point: known[name] for name in names}
