# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying out one candidate, in a worker process."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import frozen

from drawplate import Artifact, FlowError, Form, Job, Metric, Source, Verb
from drawplate_evolve_nsga2.candidate.estimate import counted, previewed
from drawplate_evolve_nsga2.candidate.substeps import SubStep
from drawplate_evolve_nsga2.candidate.synflow import synflow
from drawplate_evolve_nsga2.wanted.goals import COUNTED, MEASURES, Limit

if TYPE_CHECKING:
    from drawplate.outcome import Outcome


EARLY: Final = "early_loss"


@frozen(kw_only=True)
class Trial:
    """One candidate to be tried."""

    key: str
    model: Artifact
    teachers: tuple[Artifact, ...]
    steps: tuple[SubStep, ...]
    limits: tuple[Limit, ...]
    seed: int
    result: str
    """Name of the step whose model is kept; empty where there are no steps."""
    wanted: frozenset[str]
    """Names of all metrics that lead the search."""
    rungs: tuple[float, ...] = ()
    """Parts of the epochs after which training pauses, up to where this trial trains; empty for all at once."""
    images: int | None = None
    """How many of the validation images it is judged by, the first ones; None for all."""


@frozen(kw_only=True)
class Verdict:
    """What came of a trial."""

    status: str
    """``ok``, or ``rejected`` by a limit."""
    reason: str = ""
    metrics: Mapping[str, Metric]
    artifact: Artifact | None = None
    seconds: float = 0.0


def carry_out(job: Job, trial: Trial) -> Verdict:
    """Estimate, and unless a limit is broken already: train and measure.

    Raises:
        DrawplateError: what a step raised, or that a metric is one that must not choose.
    """
    started = time.monotonic()
    metrics = _estimates(job, trial)
    broken = [limit for limit in trial.limits if limit.violation(values_of(metrics))]
    if broken:
        reason = "; ".join(f"{limit}: {metrics[limit.name].value:g}" for limit in broken)
        return Verdict(status="rejected", reason=reason, metrics=metrics, seconds=time.monotonic() - started)
    judged = trial.wanted & MEASURES
    if judged and any(step.trains for step in trial.steps):
        metrics |= synflow(trial.model)
    model = learner = kept = trial.model
    for step in trial.steps:
        outcome = _run(job, trial, step, model)
        metrics |= _early(outcome)
        model = outcome.artifact
        learner = model if model.form is not Form.DATAFLOW else learner
        kept = model if step.name == trial.result else kept
        metrics |= {f"{step.name}.{metric.name}": metric for metric in outcome.metrics if metric.layer is None}
    if judged:
        metrics |= {name: metric for name, metric in validated(learner, job, trial.images).items() if name in judged}
    _check_split(metrics, trial.wanted)
    return Verdict(status="ok", metrics=metrics, artifact=kept, seconds=time.monotonic() - started)


def _check_split(metrics: Mapping[str, Metric], wanted: frozenset[str]) -> None:
    """A card need not list what its step finds: what was found says on which split."""
    for name in sorted(wanted):
        if name in metrics and not metrics[name].may_choose:
            raise FlowError("was found on the test images, which must not choose", where=f"metric {name!r}")


def values_of(metrics: Mapping[str, Metric]) -> dict[str, float]:
    """Values by name."""
    return {name: metric.value for name, metric in metrics.items()}


def _estimates(job: Job, trial: Trial) -> dict[str, Metric]:
    """Count; ask for previews only where a limit needs them."""
    if all(limit.name in {*COUNTED, *MEASURES} for limit in trial.limits):
        return counted(trial.model) if trial.model.form is not Form.DATAFLOW else {}
    return previewed(trial.model, trial.teachers, trial.steps, trial.seed, job).metrics


def _run(job: Job, trial: Trial, step: SubStep, model: Artifact) -> Outcome:
    teachers = trial.teachers if step.needs_teachers and Verb.TRAIN in step.verbs else ()

    def run(subject: Artifact, options: Mapping[str, Any]) -> Outcome:
        return job.run(step.use, subject, teachers=teachers, options=options, verbs=step.verbs, seed=trial.seed)

    if not trial.rungs or not step.trains or not step.epochs:
        return run(model, step.options)
    stages = stage_epochs(step.epochs, trial.rungs)
    first = outcome = run(model, {**step.options, "epochs": stages[0]})
    for epochs in stages[1:]:  # what earlier rungs trained comes out of the store
        outcome = run(outcome.artifact, {**step.options, "epochs": epochs})
    return attrs.evolve(outcome, curves=first.curves)


def stage_epochs(epochs: int, rungs: Sequence[float]) -> list[int]:
    """Return how many epochs are trained up to each rung from the one before, at least one each."""
    stages: list[int] = []
    for rung in rungs:
        stages.append(max(1, round(rung * epochs) - sum(stages)))
    return stages


def _early(outcome: Outcome) -> dict[str, Metric]:
    """Return the training loss after one epoch: a proxy that costs nothing."""
    points = outcome.curves.get("train_loss", ())
    if not points:
        return {}
    note = "after the first epoch"
    return {EARLY: Metric(name=EARLY, value=points[0][1], unit="", source=Source.MEASURED, note=note)}


def validated(model: Artifact, job: Job, images: int | None = None) -> dict[str, Metric]:
    """Measure the metrics of the data's task on the validation images, which no training has seen.

    Args:
        model: any but a DATAFLOW one.
        job: knows the data.
        images: how many of them, the first ones; all where left out.
    """
    from drawplate.ort import to_standard_onnx
    from drawplate.ort.accuracy import measured
    from drawplate.ort.session import open_session

    proto, split = model.proto(), job.data("val")
    if images is not None and images < len(split):
        split = attrs.evolve(split, x=split.x[:images], y=split.y[:images])
    session = open_session(to_standard_onnx(proto), threads=1, exact=model.form is Form.QONNX)
    return {metric.name: metric for metric in measured(session, proto, split, job.dataset)}
