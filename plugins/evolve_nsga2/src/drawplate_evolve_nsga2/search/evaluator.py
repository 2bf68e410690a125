# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluating points in worker processes; what was evaluated before a kill is taken from the ledger."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from typing import Any

from attrs import define, field

from drawplate import DrawplateError, Form, Job
from drawplate.job import Pool
from drawplate.reporter import Progress
from drawplate_evolve_nsga2.candidate.estimate import counted
from drawplate_evolve_nsga2.candidate.record import Candidate, Ledger, Place
from drawplate_evolve_nsga2.candidate.trial import Trial, Verdict, carry_out
from drawplate_evolve_nsga2.nsga import Point, ranked
from drawplate_evolve_nsga2.search.rows import candidate_row
from drawplate_evolve_nsga2.task.task import Task


@define
class Evaluator:
    """Tries candidates, and writes down what came of each as soon as it is known."""

    task: Task
    job: Job
    pool: Pool
    ledger: Ledger
    known: dict[str, Candidate] = field(factory=dict)
    """What the ledger held, by name: genome, seed and rungs."""
    failures: dict[Point, DrawplateError] = field(factory=dict)
    by_key: dict[str, Candidate] = field(factory=dict)
    """Whom others may inherit from."""

    @classmethod
    def open(cls, task: Task, job: Job, pool: Pool) -> Evaluator:
        """Read what a killed search left."""
        ledger = Ledger(job.workdir / "evaluations.jsonl", job.store)
        return cls(task, job, pool, ledger, known=ledger.read())

    def evaluate(self, places: Sequence[Place], bar: Progress, seed: int | None = None) -> list[Candidate]:
        """Return the candidates of places, in their order.

        With rungs, only the better part of the candidates is trained on after each; the baseline always is.

        Args:
            places: what to try.
            bar: is moved by one per candidate and rung.
            seed: of training, other than the job's: then all are trained to the end.
        """
        rungs = self.task.rungs
        found: dict[Point, Candidate] = {}
        waiting = list(places)
        for rung in range(max(1, len(rungs))) if seed is None else (max(0, len(rungs) - 1),):
            found |= {one.point: one for one in self._try(waiting, rung, seed, bar)}
            if rung < len(rungs) - 1 and seed is None:
                waiting = self._promoted([found[place.point] for place in waiting], waiting)
        for candidate in found.values() if seed is None else ():
            self.by_key[candidate.key] = candidate
        return [found[place.point] for place in places]

    def start(self, place: Place) -> dict[Future[Any], Place]:
        """Begin to try one candidate; what the ledger holds is done at once."""
        name = f"{place.key}-{self.task.seed}-0"
        if name not in self.known:
            return {self._send(self._trial(place, 0, None)): place}
        future: Future[Any] = Future()
        future.set_result(self.known[name])
        return {future: place}

    def finish(self, place: Place, future: Future[Any]) -> Candidate:
        """Return the candidate of a future that :meth:`start` gave."""
        name = f"{place.key}-{self.task.seed}-0"
        candidate = self.known.get(name) or self._finish(place, future, name, 0)
        self.job.row("candidates", candidate.key, candidate_row(candidate, self.task))
        self.by_key[candidate.key] = candidate
        return candidate

    def _try(self, places: Sequence[Place], rung: int, seed: int | None, bar: Progress) -> list[Candidate]:
        """Try all at one rung, the costliest first, so that no worker is left alone with it at the end."""
        found: dict[Point, Candidate] = {}
        trials: list[tuple[Place, str, Trial | DrawplateError]] = []
        for place in places:
            name = f"{place.key}-{self.task.seed if seed is None else seed}-{rung}"
            if name in self.known:
                found[place.point] = self.known[name]
                bar.advance()
            else:
                trials.append((place, name, self._trial(place, rung, seed)))
        trials.sort(key=lambda entry: -_cost(entry[2]))
        waiting: dict[Future[Any], tuple[Place, str]] = {}

        def settle(future: Future[Any]) -> None:
            place, name = waiting.pop(future)
            candidate = found[place.point] = self._finish(place, future, name, rung)
            bar.advance()
            if seed is None:
                self.job.row("candidates", candidate.key, candidate_row(candidate, self.task))

        for place, name, trial in trials:
            waiting[self._send(trial)] = (place, name)
            for future in [future for future in waiting if future.done()]:  # at once, where there are no workers
                settle(future)
        for future in as_completed(list(waiting)):
            settle(future)
        return [found[place.point] for place in places]

    def _trial(self, place: Place, rung: int, seed: int | None) -> Trial | DrawplateError:
        source = self.by_key[place.heritage].artifact if place.heritage else None
        try:
            return self.task.trial(place, self.job, seed, source, self.task.rungs[: rung + 1])
        except DrawplateError as error:
            return error

    def _send(self, trial: Trial | DrawplateError) -> Future[Any]:
        if isinstance(trial, Trial):
            return self.pool.submit(carry_out, trial)
        future: Future[Any] = Future()
        future.set_exception(trial)
        return future

    def _finish(self, place: Place, future: Future[Any], name: str, rung: int) -> Candidate:
        try:
            answer: Verdict | DrawplateError = future.result()
        except DrawplateError as error:
            answer = self.failures[place.point] = error
        candidate = place.tried(answer, rung, missing=max(0, len(self.task.rungs) - 1 - rung))
        self.ledger.write(name, candidate)
        self.known[name] = candidate
        return candidate

    def _promoted(self, found: Sequence[Candidate], places: Sequence[Place]) -> list[Place]:
        """Return the better part, by rank and crowding among those of one rung, and the baseline."""
        goals, limits = self.task.goals, self.task.limits
        individuals = [one.individual(goals, limits) for one in found]
        order = sorted((one for one in ranked(individuals) if one.individual.violation < 1e-3), key=lambda one: one.key)
        count = math.ceil(self.task.keep * len(places))
        points = {one.individual.point for one in order[:count]}
        sound = {one.point for one in found if one.status == "ok"}
        points |= {self.task.coding.baseline} & sound
        return [place for place in places if place.point in points]


def _cost(trial: Trial | DrawplateError) -> float:
    """Multiply-accumulates of one image: what training and measuring take grows with them."""
    if not isinstance(trial, Trial) or trial.model.form is Form.DATAFLOW:
        return 0.0
    return counted(trial.model)["macs"].value
