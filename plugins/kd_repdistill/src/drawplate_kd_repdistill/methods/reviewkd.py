# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Knowledge review: Chen, Liu, Zhao, Jia, CVPR 2021, arXiv 2104.09044, section 3.3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional

from drawplate.options import option
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import MapShape, Method, Need, Setting
from drawplate_kd_repdistill.ramp import Ramp


@frozen(kw_only=True)
class ReviewkdOptions:
    """Hyper-parameters of reviewkd."""

    width: int = option("Most channels inside the fusion.", default=512, at_least=1)
    warmup: float = option(
        "Part of the epochs over which the weight rises to its full value.", default=20 / 240, at_least=0, at_most=1
    )


class Fusion(nn.Module):
    """Attention-based fusion of a student's map with what came from deeper stages (the paper's ABF)."""

    def __init__(self, student: int, width: int, teacher: MapShape, *, deepest: bool) -> None:
        super().__init__()
        self.size = teacher[1:]
        self.enter = nn.Sequential(nn.Conv2d(student, width, 1, bias=False), nn.BatchNorm2d(width))
        self.leave = nn.Sequential(nn.Conv2d(width, teacher[0], 3, padding=1, bias=False), nn.BatchNorm2d(teacher[0]))
        self.weigh = None if deepest else nn.Sequential(nn.Conv2d(2 * width, 2, 1), nn.Sigmoid())

    def forward(self, features: Tensor, deeper: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return the guess of the teacher's map and what goes on to the next shallower stage."""
        mixed = self.enter(features)
        if self.weigh is not None and deeper is not None:
            deeper = functional.interpolate(deeper, mixed.shape[2:], mode="nearest")
            weight = self.weigh(torch.cat([mixed, deeper], dim=1))
            mixed = mixed * weight[:, :1] + deeper * weight[:, 1:]
        if mixed.shape[2:] != self.size:
            mixed = functional.interpolate(mixed, self.size, mode="nearest")
        return cast("Tensor", self.leave(mixed)), mixed


def hierarchical_context(guess: Tensor, target: Tensor) -> Tensor:
    """Return the mean squared error at full size and pooled to 4, 2 and 1, weighted 1, 1/2, 1/4, 1/8 (normalised)."""
    losses = [functional.mse_loss(guess, target)]
    for size in (4, 2, 1):
        if size < min(guess.shape[2:]):
            one, other = (functional.adaptive_avg_pool2d(maps, size) for maps in (guess, target))
            losses.append(functional.mse_loss(one, other))
    weights = [2.0**-i for i in range(len(losses))]
    total = torch.stack([weight * loss for weight, loss in zip(weights, losses, strict=True)]).sum()
    return total / sum(weights)


class ReviewkdLoss(DistillationLoss):
    """Hierarchical context losses of fused student maps, from the deepest stage to the shallowest."""

    def __init__(self, options: ReviewkdOptions, setting: Setting) -> None:
        super().__init__()
        self.ramp = Ramp(options.warmup, setting.epochs)
        students = (*setting.student.stages, (setting.student.embedding, 1, 1))
        teachers = (*setting.teacher.stages, (setting.teacher.embedding, 1, 1))
        width = min(options.width, setting.student.embedding)
        self.fusions = nn.ModuleList(
            Fusion(s[0], width, t, deepest=i == len(students) - 1)
            for i, (s, t) in enumerate(zip(students, teachers, strict=True))
        )

    def forward(self, student: Activations, teacher: Activations, batch: Batch) -> Tensor:
        """Return the sum over stages and the embedding."""
        targets = _with_embedding(teacher.preactivations, teacher.embedding)
        total, deeper = student.logits.new_zeros(()), None
        maps = _with_embedding(student.stages, student.embedding)
        for fusion, one, target in reversed(list(zip(self.fusions, maps, targets, strict=True))):
            guess, deeper = fusion(one, deeper)
            total = total + hierarchical_context(guess, target)
        return self.ramp(batch.epoch) * total


def _with_embedding(maps: Sequence[Tensor], embedding: Tensor | None) -> list[Tensor]:
    return [*maps, *([] if embedding is None else [embedding[:, :, None, None]])]


def build(options: ReviewkdOptions, setting: Setting) -> ReviewkdLoss:
    """Make the loss and its fusions, which are trained with the student."""
    return ReviewkdLoss(options, setting)


METHOD = Method(
    summary="Fused student maps of several stages against the teacher's (knowledge review)",
    source="Chen et al. 2021, arXiv 2104.09044, section 3.3; ramp: mdistiller",
    options=ReviewkdOptions,
    build=build,
    needs={Need.STAGES, Need.PREACTIVATIONS, Need.EMBEDDING},
)
