# SPDX-License-Identifier: Apache-2.0
"""The one place where a plugin's hook is called."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import attrs

from drawplate.artifact import Artifact, Front
from drawplate.build import Build
from drawplate.card import CONTRACT, Card, Preview, Verb
from drawplate.errors import DrawplateError, StepFailed
from drawplate.executor import open_pool
from drawplate.interrupt import is_from_outside
from drawplate.job import Job, Pool, Request
from drawplate.notebook import Notebook
from drawplate.options import key_table, resolve
from drawplate.outcome import Outcome
from drawplate.plugins import Plugins
from drawplate.processes import scratch
from drawplate.processor import has_bf16
from drawplate.reporter import Reporter, SilentReporter
from drawplate.runner.checks import Promise
from drawplate.runner.deciders import Deciders
from drawplate.runner.options import read_step_options
from drawplate.runner.resources import Resources
from drawplate.session import Session
from drawplate.store import result_key
from drawplate.store.records import is_whole, outcome_record, read_outcome

_log = logging.getLogger("drawplate.runner")


@attrs.define
class Runner(Resources):
    """Carries out requests of one session in this process; the host of the jobs that it makes."""

    began: Callable[[Path], None] = attrs.field(default=lambda _folder: None)
    """Told the work folder of a result that is computed; not those of results that its step asks for."""
    _deciders: Deciders = attrs.field(
        init=False, default=attrs.Factory(lambda self: Deciders(self.plugins, self.session.store), takes_self=True)
    )

    @classmethod
    def of(cls, session: Session, reporter: Reporter | None = None) -> Runner:
        """Make a runner with the session's plugins."""
        return cls(session, Plugins(session.plugin_files), reporter or SilentReporter())

    # steps --------------------------------------------------------------------------------------------------------

    def run(self, request: Request) -> Outcome:
        """Carry out the verbs of one step, one after the other, each through the store.

        Raises:
            DrawplateError: what the step, or the check of what it gave, raised.
            StepFailed: when the step raised anything else.
        """
        card = self.plugins.card(request.step)
        verbs = request.verbs or card.verbs
        options = read_step_options(card, verbs, request.options, f"step {request.step!r}")
        outcome = Outcome(artifact=request.subject)
        for verb in verbs:
            chosen, resolved = resolve(options[verb], outcome.artifact, self.session.device)
            after = self._through_store(request, verb, chosen, outcome)
            outcome = _joined(outcome, attrs.evolve(after, resolved=resolved))
        return outcome

    def preview(self, request: Request) -> Preview | None:
        """Ask a step what it would do with a model; None where it does not say."""
        if not self.plugins.implements(request.step, "preview"):
            return None
        card = self.plugins.card(request.step)
        verbs = request.verbs or card.verbs
        read = read_step_options(card, verbs, request.options, f"step {request.step!r}")
        options, _ = resolve(read[verbs[0]], request.subject, self.session.device)
        with scratch() as folder:
            job = self.job(request.step, folder, request.seed, dry=True)
            try:
                subject = {"model": request.subject, "teachers": request.teachers}
                answer = self.plugins.call(request.step, "preview", **subject, options=options, job=job)
            except BaseException as error:
                raise _blamed(error, f"{request.step}.preview of {self.plugins.entry(request.step).owner}") from error
        return answer if isinstance(answer, Preview) else None

    def _through_store(self, request: Request, verb: Verb, options: Any, before: Outcome) -> Outcome:
        key = self._key(request, verb, options, before)
        store = self.session.store
        found = self._found(key)
        if found is None:
            with store.lock(key):
                found = self._found(key) or self._compute(key, request, verb, options, before)
        else:
            store.clear_work(key)
        return found

    def _found(self, key: str) -> Outcome | None:
        """Return a result that is in the store with all it names; None where it has to be computed."""
        store = self.session.store
        record = store.read_result(key)
        if record is None:
            return None
        outcome = read_outcome(record, store)
        if not is_whole(outcome, store):
            _log.warning("models or builds of a result are damaged or gone; it is computed again: %s", key)
            return None
        return outcome

    def _key(self, request: Request, verb: Verb, options: Any, before: Outcome) -> str:
        subject = before.build if verb is Verb.MEASURE and before.build else before.artifact
        teachers = request.teachers if verb in {Verb.TRAIN, Verb.COMPRESS} else ()
        return result_key(
            call=f"{request.step}.{verb}",
            code=self._deciders.code(request.step, verb, options, (before.artifact, *teachers)),
            inputs=(subject.digest, *(teacher.digest for teacher in teachers)),
            settings={
                "options": key_table(options),
                "seed": request.seed,
                "device": self.session.device.partition(":")[0],
                "contract": CONTRACT,
                **self._left_to_others(request.step, verb, options),
            },
            data=self.dataset().digest if self.session.data is not None else None,
        )

    def _left_to_others(self, step: str, verb: Verb, options: Any) -> dict[str, Any]:
        """What the machine decides in the steps that a search runs, whose options are not known yet."""
        runs = verb is Verb.COMPRESS and self.plugins.card(step).runs(options)
        return {"bf16": has_bf16(self.session.device)} if runs else {}

    def _compute(self, key: str, request: Request, verb: Verb, options: Any, before: Outcome) -> Outcome:
        with self.session.store.work(key) as folder, self._telling(folder):
            job = self.job(request.step, folder, request.seed, verb=verb)
            started = time.monotonic()
            answer = self._call(request, verb, options, before, job)
            pages = job.notebook.read()
            outcome = _outcome_of(answer, before.artifact, self.plugins.card(request.step))
            outcome = attrs.evolve(
                outcome,
                metrics=(*pages.metrics, *outcome.metrics),
                curves=pages.curves,
                tables=pages.tables,
                notes=pages.notes,
                seconds=round(time.monotonic() - started, 3),
            )
            self.session.store.write_result(key, outcome_record(outcome))
        return outcome

    @contextmanager
    def _telling(self, folder: Path) -> Iterator[None]:
        began, self.began = self.began, lambda _folder: None
        began(folder)
        try:
            yield
        finally:
            self.began = began

    def _call(self, request: Request, verb: Verb, options: Any, before: Outcome, job: Job) -> Any:
        model = before.artifact
        subject: Artifact | Build = before.build if verb is Verb.MEASURE and before.build else model
        arguments: dict[str, Any] = {"options": options, "job": job}
        arguments["subject" if verb is Verb.MEASURE else "model"] = subject
        if verb in {Verb.TRAIN, Verb.COMPRESS}:
            arguments["teachers"] = request.teachers
        try:
            answer = self.plugins.call(request.step, verb.value, **arguments)
        except BaseException as error:
            raise _blamed(error, f"{request.step}.{verb} of {self.plugins.entry(request.step).owner}") from error
        card = self.plugins.card(request.step)
        Promise(entry=self.plugins.entry(request.step), card=card, verb=verb, model=model).check(answer)
        return answer

    def job(self, step: str, folder: Path, seed: int, *, verb: Verb | None = None, dry: bool = False) -> Job:
        """Make a job that works in a folder."""
        return Job(
            step=step,
            verb=verb,
            workdir=folder,
            seed=seed,
            device=self.session.device,
            dry=dry,
            log=logging.getLogger(f"drawplate.step.{step}"),
            store=self.session.store,
            host=self,
            notebook=Notebook(folder / "notebook.jsonl"),
        )

    def pool(self, job: Job) -> AbstractContextManager[Pool]:
        """Open worker processes, each with a runner like this one."""
        return open_pool(self.session, job, Runner.of, self.workers)


def _outcome_of(answer: Any, model: Artifact, card: Card) -> Outcome:
    match answer:
        case Artifact():
            return Outcome(artifact=answer)
        case Front():
            return Outcome(artifact=answer.best, front=answer.candidates)
        case Build():
            return Outcome(artifact=model, build=answer)
        case _:
            return Outcome(artifact=model, metrics=tuple(card.directed(metric) for metric in answer))


def _joined(before: Outcome, after: Outcome) -> Outcome:
    return Outcome(
        artifact=after.artifact,
        front=after.front or before.front,
        build=after.build or before.build,
        metrics=before.metrics + after.metrics,
        curves={**before.curves, **after.curves},
        tables={**before.tables, **after.tables},
        notes=before.notes + tuple(note for note in after.notes if note not in before.notes),
        seconds=before.seconds + after.seconds,
        resolved={**before.resolved, **after.resolved},
    )


def _blamed(error: BaseException, call: str) -> DrawplateError:
    if is_from_outside(error):
        raise error
    if isinstance(error, DrawplateError):
        return error
    failed = StepFailed(f"{type(error).__name__}: {error}", where=call, hint="the traceback is in the run folder")
    failed.traceback = "".join(traceback.format_exception(error))
    return failed
