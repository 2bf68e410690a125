# SPDX-License-Identifier: GPL-3.0-or-later
"""The search without generations: as soon as one candidate is done, the next is asked for, so that no worker waits.

Its course depends on which candidate is done first, and so on the machine; a search by generations does not.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from attrs import define, field

from drawplate_evolve_nsga2.candidate.record import Candidate, Place
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.search.by_generation import Search
from drawplate_evolve_nsga2.search.strategy import Generations


@define(kw_only=True)
class SteadySearch(Search):
    """NSGA-II that replaces one candidate at a time; what is in flight is part of its state."""

    strategy: Generations
    flight: dict[Point, int] = field(factory=dict)
    """Points that were asked for and are not done, with the generation that asked."""

    def run(self) -> dict[Point, Candidate]:
        """Search, or go on with a killed search, and return all candidates by point."""
        self._restore()
        if not self.candidates and not self.flight:
            self.flight = dict.fromkeys(self.strategy.ask(0), 0)
        futures: dict[Future[Any], Place] = {}
        started = time.monotonic()
        with self.job.progress(f"{self.job.step}: candidates", self.strategy.total) as bar:
            bar.advance(len(self.candidates))
            for point in self.flight:
                futures |= self.evaluator.start(self._place(point))
            while futures:
                done, _ = wait(futures, return_when=FIRST_COMPLETED)
                for future in [one for one in futures if one in done]:  # a set has no order of its own
                    self._finish(futures.pop(future), future)
                    bar.advance()
                    for point in self._next():
                        futures |= self.evaluator.start(self._place(point))
                    if len(self.candidates) % self.strategy.evolution.population == 0:
                        self._report(time.monotonic() - started)
                        self.generation, started = self.generation + 1, time.monotonic()
                    self._save()
        return self.candidates

    def _finish(self, place: Place, future: Future[Any]) -> None:
        candidate = self.evaluator.finish(place, future)
        del self.flight[place.point]
        if place.point == self.task.coding.baseline:
            self._check_first([candidate])
        self._tell([candidate])

    def _next(self) -> list[Point]:
        """Ask for one more, unless enough were asked for or nothing is known yet to breed from."""
        if len(self.candidates) + len(self.flight) >= self.strategy.total:
            return []
        asked = self.strategy.evolution.ask(1)
        self.flight |= dict.fromkeys(asked, self.generation)
        return asked

    def _state(self) -> dict[str, Any]:
        return {**super()._state(), "flight": [[list(point), generation] for point, generation in self.flight.items()]}

    def _resume(self, state: dict[str, Any]) -> None:
        super()._resume(state)
        self.flight = {tuple(point): generation for point, generation in state["flight"]}
