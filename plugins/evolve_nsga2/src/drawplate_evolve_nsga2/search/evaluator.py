# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluating points in worker processes; what was evaluated before a kill is taken from the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, as_completed, wait
from typing import Any

from attrs import define, field, frozen

from drawplate import DrawplateError, Form, Job
from drawplate.job import Pool
from drawplate.reporter import Progress
from drawplate_evolve_nsga2.candidate.estimate import counted
from drawplate_evolve_nsga2.candidate.record import Candidate, Ledger, Place
from drawplate_evolve_nsga2.candidate.trial import Trial, Verdict, carry_out
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.search.promotion import promoted, quota
from drawplate_evolve_nsga2.search.rows import candidate_row
from drawplate_evolve_nsga2.task.task import Task


@frozen(kw_only=True, eq=False)
class Turn:
    """One evaluation: of whom, up to which rung, with which seed."""

    place: Place
    rung: int
    seed: int

    @property
    def name(self) -> str:
        """As the ledger knows it."""
        return f"{self.place.key}-{self.seed}-{self.rung}"


@define
class Evaluator:
    """Tries candidates, and writes down what came of each as soon as it is known."""

    task: Task
    job: Job
    pool: Pool
    ledger: Ledger
    known: dict[str, Candidate] = field(factory=dict)
    """By :attr:`Turn.name`: what the ledger held, and what was found since."""
    failures: dict[Point, DrawplateError] = field(factory=dict)

    @classmethod
    def open(cls, task: Task, job: Job, pool: Pool) -> Evaluator:
        """Read what a killed search left."""
        ledger = Ledger(job.workdir / "evaluations.jsonl", job.store)
        return cls(task, job, pool, ledger, known=ledger.read())

    # one by one ---------------------------------------------------------------------------------------------------

    def start(self, turn: Turn) -> Future[Any]:
        """Begin to try one candidate; what the ledger holds is done at once."""
        if turn.name in self.known:
            self._show(turn)
            return Future()
        future = self._send(self._trial(turn))
        if future.done():  # where there are no workers
            self._finish(turn, future)
        return future

    def settle(self, started: Mapping[Turn, Future[Any]], wanted: Turn) -> None:
        """Wait until one of the turns that were started is known; write down the others as they come in."""
        while wanted.name not in self.known:
            waiting = {future: turn for turn, future in started.items() if turn.name not in self.known}
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                self._finish(waiting[future], future)

    # all of a generation ------------------------------------------------------------------------------------------

    def evaluate(self, places: Sequence[Place], bar: Progress, seed: int | None = None) -> list[Candidate]:
        """Return the candidates of places, in their order.

        With rungs, only the better part of the candidates is trained on after each; the baseline always is.

        Args:
            places: what to try.
            bar: is moved by one per candidate and rung.
            seed: of training, other than the job's: then all are trained to the end.
        """
        if seed is not None:
            return self._try([Turn(place=place, rung=self.task.top, seed=seed) for place in places], bar)
        found: dict[Point, Candidate] = {}
        waiting = list(places)
        for rung in range(self.task.top + 1):
            turns = [Turn(place=place, rung=rung, seed=self.task.seed) for place in waiting]
            tried = self._try(turns, bar)
            found |= {one.point: one for one in tried}
            better = promoted(tried, self.task, quota(len(tried), self.task.keep, whole=True))
            waiting = [place for place in waiting if place.point in better]
        return [found[place.point] for place in places]

    def _try(self, turns: Sequence[Turn], bar: Progress) -> list[Candidate]:
        """Try all, the costliest first, so that no worker is left alone with it at the end."""
        trials = [(turn, self._trial(turn)) for turn in turns if turn.name not in self.known]
        for turn in turns:
            if turn.name in self.known:
                self._show(turn)
                bar.advance()
        trials.sort(key=lambda entry: -_cost(entry[1]))
        waiting: dict[Future[Any], Turn] = {}

        def settle(future: Future[Any]) -> None:
            turn = waiting.pop(future)
            self._finish(turn, future)
            bar.advance()

        for turn, trial in trials:
            waiting[self._send(trial)] = turn
            for future in [future for future in waiting if future.done()]:  # at once, where there are no workers
                settle(future)
        for future in as_completed(list(waiting)):
            settle(future)
        return [self.known[turn.name] for turn in turns]

    # --------------------------------------------------------------------------------------------------------------

    def _trial(self, turn: Turn) -> Trial | DrawplateError:
        source = self.known[turn.place.heritage].artifact if turn.place.heritage else None
        try:
            return self.task.trial(turn.place, self.job, turn.seed, source, turn.rung)
        except DrawplateError as error:
            return error

    def _send(self, trial: Trial | DrawplateError) -> Future[Any]:
        if isinstance(trial, Trial):
            return self.pool.submit(carry_out, trial)
        future: Future[Any] = Future()
        future.set_exception(trial)
        return future

    def _finish(self, turn: Turn, future: Future[Any]) -> None:
        try:
            answer: Verdict | DrawplateError = future.result()
        except DrawplateError as error:
            answer = self.failures[turn.place.point] = error
        candidate = turn.place.tried(answer, turn.rung, missing=self.task.top - turn.rung)
        self.ledger.write(turn.name, candidate)
        self.known[turn.name] = candidate
        self._show(turn)

    def _show(self, turn: Turn) -> None:
        """Put a candidate into the table; what other seeds find comes in at the end, as medians."""
        if turn.seed == self.task.seed:
            self.job.row("candidates", turn.place.key, candidate_row(self.known[turn.name], self.task))


def _cost(trial: Trial | DrawplateError) -> float:
    """Multiply-accumulates of one image: what training and measuring take grows with them."""
    if not isinstance(trial, Trial) or trial.model.form is Form.DATAFLOW:
        return 0.0
    return counted(trial.model)["macs"].value
