# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluating points in worker processes; what was evaluated before a kill is taken from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from typing import Any

from attrs import define, field

from drawplate import DrawplateError, Job
from drawplate.job import Pool, Progress
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.record import Candidate, Ledger, Place
from drawplate_evolve_nsga2.report import candidate_row
from drawplate_evolve_nsga2.task import Task
from drawplate_evolve_nsga2.trial import Verdict, carry_out


@define
class Evaluator:
    """Tries candidates, and writes down what came of each as soon as it is known."""

    task: Task
    job: Job
    pool: Pool
    ledger: Ledger
    known: dict[str, Candidate] = field(factory=dict)
    """What the ledger held, by name: genome and seed."""
    failures: dict[Point, DrawplateError] = field(factory=dict)

    @classmethod
    def open(cls, task: Task, job: Job, pool: Pool) -> Evaluator:
        """Read what a killed search left."""
        ledger = Ledger(job.workdir / "evaluations.jsonl", job)
        return cls(task, job, pool, ledger, known=ledger.read())

    def evaluate(
        self, points: Sequence[Point], generation: int, bar: Progress, *, seed: int | None = None
    ) -> list[Candidate]:
        """Return the candidates of points, in their order.

        Args:
            points: what to try.
            generation: who asked.
            bar: is moved by one per candidate.
            seed: of training, other than the job's, for repeats.
        """
        places = [self.task.place(point, generation) for point in points]
        found: dict[Point, Candidate] = {}
        futures: dict[Future[Any], Place] = {}
        for place in places:
            name = self._name(place, seed)
            if name in self.known:
                found[place.point] = self.known[name]
                bar.advance()
            else:
                futures[self._submit(place, seed)] = place
        for future in as_completed(futures):
            place = futures[future]
            found[place.point] = self._finish(place, future, seed)
            bar.advance()
        return [found[place.point] for place in places]

    def _submit(self, place: Place, seed: int | None) -> Future[Any]:
        try:
            trial = self.task.trial(place, self.job, seed)
        except DrawplateError as error:
            future: Future[Any] = Future()
            future.set_exception(error)
            return future
        return self.pool.submit(carry_out, trial)

    def _finish(self, place: Place, future: Future[Any], seed: int | None) -> Candidate:
        try:
            answer: Verdict | DrawplateError = future.result()
        except DrawplateError as error:
            answer = self.failures[place.point] = error
        candidate = place.tried(answer)
        name = self._name(place, seed)
        self.ledger.write(name, candidate)
        self.known[name] = candidate
        if seed is None:
            self.job.row("candidates", candidate.key, candidate_row(candidate, self.task))
        return candidate

    def _name(self, place: Place, seed: int | None) -> str:
        return place.key if seed is None else f"{place.key}-seed{seed}"
