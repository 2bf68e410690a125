# SPDX-License-Identifier: Apache-2.0
"""Step ``fit``: train a model for the task of its data, quantized or not."""

from __future__ import annotations

from attrs import frozen

from drawplate.artifact import Artifact, Form
from drawplate.card import Card, Preview, Verb
from drawplate.errors import FlowError
from drawplate.hookspecs import hookimpl
from drawplate.job import Job
from drawplate.training import TrainOptions


@frozen(kw_only=True)
class FitOptions(TrainOptions):
    """Options of fit."""


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="train with the loss of the data's task",
        options={Verb.TRAIN: FitOptions},
        accepts={Form.FLOAT, Form.QONNX},
        consults={"torch_ops": None},
    )


@hookimpl
def preview(model: Artifact, teachers: tuple[Artifact, ...], options: FitOptions, job: Job) -> Preview:
    """Load the model into the bridge, so that operators that cannot be trained are named now."""
    from drawplate.task import task_of
    from drawplate.torch import OnnxModule
    from drawplate.torch.batch import check_batch
    from drawplate.torch.trial import try_step

    _refuse_teachers(teachers)
    task = task_of(model, job.dataset)
    options.check(task)
    module = OnnxModule(model, job.contributions("torch_ops"))
    check_batch(module, model)
    count = sum(parameter.numel() for parameter in module.parameters())
    part = options.part(job.data("train"))
    try_step(module, task, job.dataset, part)
    images = len(part)
    loss = f"{task.kind}, {task.loss}; {task.chooses.name} on the validation split tells which weights are best"
    how = f"in {options.precision}, {options.threads} thread{'s' if options.threads > 1 else ''}"
    notes = (f"trains {count:,} numbers on {images:,} {job.dataset.noun} of {job.dataset.name}, {how}", loss)
    return Preview(model=model, notes=(*notes, *options.notes))


@hookimpl
def train(model: Artifact, teachers: tuple[Artifact, ...], options: FitOptions, job: Job) -> Artifact:
    """Return the model with trained weights."""
    from drawplate.task import task_of
    from drawplate.torch import OnnxModule
    from drawplate.torch.loop import TaskLoss
    from drawplate.torch.loop import train as run

    _refuse_teachers(teachers)
    module = OnnxModule(model, job.contributions("torch_ops"))
    run(module, TaskLoss(task_of(model, job.dataset), options.label_smoothing), options, job)
    for note in job.dataset.notes:
        job.note(f"{job.dataset.name}: {note}")
    return job.save(module.to_onnx(), model.form, parents=[model])


def _refuse_teachers(teachers: tuple[Artifact, ...]) -> None:
    if teachers:
        raise FlowError("takes no teachers", where="key 'teachers'", hint='use = "distill" learns from teachers')
