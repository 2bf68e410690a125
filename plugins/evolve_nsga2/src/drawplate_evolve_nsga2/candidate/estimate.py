# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a candidate before it is trained."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from drawplate import Artifact, DrawplateError, FlowError, Form, Job, Metric, Preview, Source
from drawplate.job import Request
from drawplate_evolve_nsga2.candidate.substeps import SubStep


@frozen(kw_only=True)
class Estimate:
    """What counting and the steps' previews say."""

    models: dict[str, Artifact] = field(factory=dict)
    """The untrained model after each step, as far as previews tell it."""
    metrics: dict[str, Metric] = field(factory=dict)
    notes: tuple[str, ...] = ()


def counted(model: Artifact) -> dict[str, Metric]:
    """Count parameters and multiply-accumulates."""
    from drawplate.count import count_macs, count_parameters

    proto = model.proto()
    return {
        name: Metric(name=name, value=count(proto), unit="", source=Source.MEASURED, note="counted in the graph")
        for name, count in (("params", count_parameters), ("macs", count_macs))
    }


def previewed(model: Artifact, teachers: Sequence[Artifact], steps: Sequence[SubStep], seed: int, job: Job) -> Estimate:
    """Ask each step what it would do with what the one before it would give.

    Raises:
        DrawplateError: what a step cannot do, and which.
    """
    models: dict[str, Artifact] = {}
    metrics = counted(model) if model.form is not Form.DATAFLOW else {}
    notes: list[str] = []
    for step in steps:
        found = _preview(step, model, teachers, seed, job)
        if found is None:
            if not step.trains:
                break  # nobody knows what it gives
            found = Preview(model=model)
        notes += [f"{step.name}: {note}" for note in found.notes]
        metrics |= {f"{step.name}.{metric.name}": metric for metric in found.metrics if metric.layer is None}
        if found.model is None:
            break
        model = models[step.name] = found.model
    return Estimate(models=models, metrics=metrics, notes=tuple(notes))


def _preview(step: SubStep, model: Artifact, teachers: Sequence[Artifact], seed: int, job: Job) -> Preview | None:
    card = job.card(step.use)
    if model.form not in card.accepts:
        raise FlowError(
            f"takes a {' or '.join(sorted(card.accepts))} model, but gets a {model.form} one", where=step.label
        )
    request = Request(
        step=step.use,
        subject=model,
        teachers=tuple(teachers) if step.needs_teachers else (),
        options=step.options,
        verbs=step.verbs,
        seed=seed,
    )
    try:
        return job.preview(request)
    except DrawplateError as error:
        raise error.at(step.label) from error
