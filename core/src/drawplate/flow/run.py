# SPDX-License-Identifier: Apache-2.0
"""Running a flow: plan it, then carry out its steps through the store."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, define, field, frozen

from drawplate.artifact import Artifact
from drawplate.errors import DrawplateError, StepFailed
from drawplate.flow.chosen import with_chosen
from drawplate.flow.folder import RunFolder, now
from drawplate.flow.model import Flow, StepSpec
from drawplate.flow.plan import Plan, PlannedStep, make_plan
from drawplate.job import Job, Request
from drawplate.outcome import Outcome
from drawplate.runner import Runner
from drawplate.store.records import as_values
from drawplate.store.run_records import DataRecord, RunRecord, StartRecord, StepRecord

Tell = Callable[["PlannedStep", "StepResult"], None]
_log = logging.getLogger("drawplate.flow")


@frozen(kw_only=True)
class StepResult:
    """What a step gave: one outcome, or with ``for_each`` one per member of a front."""

    outcomes: tuple[Outcome, ...]
    chosen: int = 0

    @property
    def seconds(self) -> float:
        """Time spent computing."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def outcome(self) -> Outcome:
        """The outcome that later steps go on with."""
        return self.outcomes[self.chosen]

    @property
    def members(self) -> tuple[Artifact, ...]:
        """The models that ``for_each = "front"`` goes over."""
        if len(self.outcomes) == 1 and self.outcome.front:
            return tuple(candidate.artifact for candidate in self.outcome.front)
        return tuple(outcome.artifact for outcome in self.outcomes)

    @property
    def chosen_options(self) -> Mapping[str, Any]:
        """The genome of a search's chosen member: what ``options_from`` takes over."""
        return self.outcome.front[self.chosen_member].genome if self.outcome.front else {}

    @property
    def chosen_member(self) -> int:
        """Index of the chosen model among the members."""
        return next(i for i, member in enumerate(self.members) if member.digest == self.outcome.artifact.digest)


@frozen(kw_only=True)
class RunResult:
    """A finished run."""

    folder: Path
    steps: Mapping[str, StepResult]


def run_flow(flow: Flow, runner: Runner, tell: Tell = lambda _step, _result: None, *, sweep: str = "") -> RunResult:
    """Run a flow.  What is in the store is not computed again, and a killed run goes on where it was.

    Args:
        flow: what to do.
        runner: who does it.
        tell: called after each step.
        sweep: id of the sweep that it is a cell of.

    Raises:
        DrawplateError: from the plan, or from a step; what was finished stays in the store.
    """
    store, run_id = runner.session.store, flow.run_id(runner.session.device)
    with store.lock(f"run-{run_id}", waiting=f"another process is at work on run {run_id}; waiting for it"):
        folder = RunFolder.of(store, run_id)
        run = _Run(flow, run_id, runner, folder, tell, sweep)
        with folder.logging():
            try:
                return run.carry_out()
            except DrawplateError as error:
                run.record(status="failed", error=error.message)
                if isinstance(error, StepFailed) and error.traceback:
                    path = folder.write_traceback(error.traceback)
                    error.hint = f"the traceback is in {path}"
                raise
            except KeyboardInterrupt:
                run.record(status="interrupted")
                raise
            except BaseException as error:
                run.record(status="failed", error=f"{type(error).__name__}: {error}")
                raise


@define
class _Run:
    flow: Flow
    run_id: str
    runner: Runner
    folder: RunFolder
    tell: Tell
    sweep: str = ""
    started: str = field(factory=now)
    results: dict[str, StepResult] = field(factory=dict)
    data: DataRecord | None = None
    """What the run's record says of the data, once they are read."""

    def carry_out(self) -> RunResult:
        self.record(status="planning")
        plan = make_plan(self.flow, self.runner)
        self.record(status="running", models=_models(plan))
        before = ""
        for step in plan.steps:
            _log.info("%s starts", step.spec.label)
            result = self._step(plan, step, before)
            self.results[step.spec.name] = result
            self._write(step, result)
            _log.info("%s done, %.1f s of work", step.spec.label, result.seconds)
            self.tell(step, result)
            before = step.spec.name
        self.record(status="done", models=_models(plan))
        return RunResult(folder=self.folder.path, steps=self.results)

    def _step(self, plan: Plan, step: PlannedStep, before: str) -> StepResult:
        source = step.spec.on or before or "model"
        teachers = tuple(self._artifact(plan, name) for name in step.spec.teachers)
        if step.spec.for_each and source in self.results:
            return self._for_each(step, self.results[source], teachers)
        request = self._request(step, self._artifact(plan, source), teachers)
        about = step.spec.number, step.spec.name, step.spec.use
        self.runner.began = lambda work: self.folder.write_doing(*about, work)
        try:
            outcome = self.runner.run(request)
        except DrawplateError as error:
            raise error.at(self.flow.place(step.spec)) from error
        return StepResult(outcomes=(outcome,))

    def _for_each(self, step: PlannedStep, source: StepResult, teachers: tuple[Artifact, ...]) -> StepResult:
        requests = [self._request(step, member, teachers) for member in source.members]
        job = self.runner.job(step.spec.use, self.folder.path, self.flow.seed)
        outcomes = []
        for answer in job.map(run_request, requests):
            if isinstance(answer, DrawplateError):
                raise answer.at(self.flow.place(step.spec))
            outcomes.append(answer)
        return StepResult(outcomes=tuple(outcomes), chosen=source.chosen_member)

    def _artifact(self, plan: Plan, name: str) -> Artifact:
        return plan.models[name] if name in plan.models else self.results[name].outcome.artifact

    def _request(self, step: PlannedStep, subject: Artifact, teachers: tuple[Artifact, ...]) -> Request:
        return Request(
            step=step.spec.use,
            subject=subject,
            teachers=teachers,
            options=self._options(step.spec),
            verbs=step.verbs,
            seed=self.flow.seed,
        )

    def _options(self, spec: StepSpec) -> Mapping[str, Any]:
        if not spec.options_from:
            return spec.options
        return with_chosen(spec, self.results[spec.options_from].chosen_options, self.flow.place(spec))

    def _write(self, step: PlannedStep, result: StepResult) -> None:
        chosen = self._options(step.spec) if step.spec.options_from else {}
        record = StepRecord(
            attempt=self.started,
            number=step.spec.number,
            name=step.spec.name,
            use=step.spec.use,
            on=step.spec.on,
            teachers=step.spec.teachers,
            verbs=tuple(verb.value for verb in step.verbs),
            plugin=self.runner.plugins.identity(step.spec.use),
            options={**step.options, **chosen, **result.outcome.resolved},
            plan_notes=step.notes,
            seconds=result.seconds,
            outcomes=result.outcomes,
            chosen=result.chosen,
        )
        self.folder.write_step(step.spec.number, step.spec.name, as_values(record))

    def record(self, *, status: str, error: str | None = None, models: Mapping[str, StartRecord] | None = None) -> None:
        from drawplate.versions import versions

        if status in {"running", "done"} and self.flow.data:  # not in a hurry to end: reading them takes seconds
            dataset = self.runner.dataset()
            self.data = DataRecord(name=dataset.name, digest=dataset.digest, notes=tuple(dataset.notes))
        record = RunRecord(
            id=self.run_id,
            file=self.flow.path.name,
            flow=self.flow.table,
            seed=self.flow.seed,
            sweep=self.sweep,
            device=self.runner.session.device,
            data=self.data,
            models=models or {},
            versions=versions(),
            host=platform.platform(),
            status=status,
            error=error,
            started=self.started,
            updated=now(),
        )
        self.folder.write_run(as_values(record))


def _models(plan: Plan) -> dict[str, StartRecord]:
    """Describe the models that a flow starts from, with what was changed at the door."""
    return {
        name: StartRecord(**asdict(model, recurse=False), changed=plan.changes.get(name, ()))
        for name, model in plan.models.items()
    }


def run_request(job: Job, request: Request) -> Outcome:
    """Carry out one request in a worker process."""
    return job.host.run(request)
