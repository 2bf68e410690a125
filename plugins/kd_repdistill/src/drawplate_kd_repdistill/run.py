# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""From an arrangement to a trained student."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from drawplate.artifact import Artifact
from drawplate.job import Job
from drawplate.task import Loss, task_of
from drawplate.torch import OnnxModule
from drawplate.torch.batch import check_batch
from drawplate.torch.engine import repeatable
from drawplate.torch.loop import Refeed, as_tensor, train
from drawplate.torch.loop.precision import choose
from drawplate.torch.trial import try_step
from drawplate_kd_repdistill.arrangement import Arrangement
from drawplate_kd_repdistill.cache import ViewCache
from drawplate_kd_repdistill.objective import Distillation, Source, build_losses
from drawplate_kd_repdistill.options import DistillOptions
from drawplate_kd_repdistill.teachers import LiveTeachers, Teacher, frozen_teacher

if TYPE_CHECKING:
    from onnx import ModelProto


def check(
    model: Artifact, teachers: tuple[Artifact, ...], arrangement: Arrangement, options: DistillOptions, job: Job
) -> None:
    """Load all networks and build all losses, so that what is missing is named before any work."""
    student = OnnxModule(model, job.contributions("torch_ops"))
    check_batch(student, model)
    try_step(student, task_of(model, job.dataset), job.dataset, options.part(job.data("train")))
    for artifact in teachers:
        check_batch(OnnxModule(artifact, job.contributions("torch_ops")), artifact)
    build_losses(arrangement, _labels(options, job), options.epochs, job.seed)


def distil(
    model: Artifact, artifacts: tuple[Artifact, ...], arrangement: Arrangement, options: DistillOptions, job: Job
) -> ModelProto:
    """Train the student in the one training loop, and return its graph with the new weights."""
    student = OnnxModule(model, job.contributions("torch_ops"))
    losses = build_losses(arrangement, _labels(options, job), options.epochs, job.seed)
    with repeatable(options.threads):
        source = _source(student, artifacts, arrangement, options, job)
    train(student, Distillation(arrangement, losses, source, options.label_smoothing), options, job)
    return student.to_onnx()


def _labels(options: DistillOptions, job: Job) -> torch.Tensor:
    return torch.from_numpy(options.part(job.data("train")).y)


def _source(
    student: OnnxModule,
    artifacts: tuple[Artifact, ...],
    arrangement: Arrangement,
    options: DistillOptions,
    job: Job,
) -> Source:
    needs = arrangement.mixture.needs
    teachers = [_teacher(artifact, arrangement, options, job) for artifact in artifacts]
    if not arrangement.views:
        usual = job.dataset.normalisation
        refeeds = [Refeed(student.fed(usual), teacher.network.fed(usual), job.device) for teacher in teachers]
        return LiveTeachers(teachers=teachers, shares=arrangement.shares, needs=needs, refeeds=refeeds)
    images = as_tensor(options.part(job.data("train")).x)
    cache = ViewCache(job=job, images=images, augment=options.augment, views=arrangement.views, needs=needs)
    return cache.load(artifacts, teachers, arrangement.shares)


def _teacher(artifact: Artifact, arrangement: Arrangement, options: DistillOptions, job: Job) -> Teacher:
    network = OnnxModule(artifact, job.contributions("torch_ops"))
    precision, taps = choose(options.precision, network, job.device), arrangement.pairing.teacher
    return frozen_teacher(network, precision, taps, scores=arrangement.task.loss is not Loss.SQUARED_ERROR)
