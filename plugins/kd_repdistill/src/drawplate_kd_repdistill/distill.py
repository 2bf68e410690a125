# SPDX-License-Identifier: Apache-2.0
"""Step ``distill``: train a student, quantized or not, with the help of teachers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from drawplate.artifact import Artifact, Form
from drawplate.card import Card, Preview, Verb
from drawplate.errors import FlowError
from drawplate.hookspecs import hookimpl
from drawplate.job import Job
from drawplate.search import SearchSpace
from drawplate.task import task_of
from drawplate_kd_repdistill.method import Method
from drawplate_kd_repdistill.options import DistillOptions


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="train with the help of teachers (knowledge distillation)",
        options={Verb.TRAIN: DistillOptions},
        accepts={Form.FLOAT, Form.QONNX},
        needs_teachers=True,
        consults={"torch_ops": None, "distillation_methods": _names},
    )


def _names(options: DistillOptions) -> set[str]:
    """Return the methods that a flow asks for (and, where it writes a sum, whatever else looks like a name)."""
    return set(re.findall(r"\w+", options.method) if isinstance(options.method, str) else options.method)


@hookimpl
def distillation_methods() -> Mapping[str, Method]:
    """Return the methods of this package."""
    from drawplate_kd_repdistill.methods import own_methods

    return own_methods()


@hookimpl
def search_spaces() -> Mapping[str, SearchSpace]:
    """Let searches choose how candidates are distilled."""
    from drawplate_kd_repdistill.space import open_space

    summary = "method, alpha, temperature and gamma of a candidate's step distill"
    return {"kd": SearchSpace(summary=summary, open=open_space)}


@hookimpl
def preview(model: Artifact, teachers: tuple[Artifact, ...], options: DistillOptions, job: Job) -> Preview:
    """Choose taps and check that every method can work on these graphs."""
    from drawplate_kd_repdistill.arrangement import arrange, mixture_of
    from drawplate_kd_repdistill.run import check

    methods, task = job.contributions("distillation_methods"), task_of(model, job.dataset)
    options.check(task)
    options.part(job.data("train"))  # refuses what does not fit the data
    if not teachers:  # their graphs come out of steps that have not run
        notes = (str(mixture_of(options, methods, task)), "taps are chosen when the graphs of the teachers are known")
        return Preview(model=model, notes=(*notes, *options.notes))
    arrangement = arrange(model, teachers, options, methods, task)
    check(model, teachers, arrangement, options, job)
    return Preview(model=model, notes=(*arrangement.notes(), *options.notes))


@hookimpl
def train(model: Artifact, teachers: tuple[Artifact, ...], options: DistillOptions, job: Job) -> Artifact:
    """Return the student with trained weights: the same graph, no auxiliary layers."""
    from drawplate_kd_repdistill.arrangement import arrange
    from drawplate_kd_repdistill.run import distil

    if not teachers:
        raise FlowError("has no teachers", where="distill", hint='name them: teachers = ["teacher-fit"]')
    methods, task = job.contributions("distillation_methods"), task_of(model, job.dataset)
    arrangement = arrange(model, teachers, options, methods, task)
    for note in (*arrangement.notes(), *(f"{job.dataset.name}: {note}" for note in job.dataset.notes)):
        job.note(note)
    return job.save(distil(model, teachers, arrangement, options, job), model.form, parents=[model, *teachers])
