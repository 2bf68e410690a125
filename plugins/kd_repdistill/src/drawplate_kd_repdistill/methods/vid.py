# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Variational information distillation: Ahn, Hu, Damianou, Lawrence, Dai, CVPR 2019, arXiv 1904.05835, equation 6."""

from __future__ import annotations

import math

import torch
from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional

from drawplate.options import option
from drawplate_kd_repdistill.layers import match_size
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import MapShape, Method, Need, Setting

EPSILON = 1e-5


@frozen(kw_only=True)
class VidOptions:
    """Hyper-parameters of vid."""

    variance: float = option("Variance per channel before training.", default=5.0, above=EPSILON)


class Gaussian(nn.Module):
    """The student's guess of one teacher map: a mean by three 1 x 1 convolutions, a variance per channel."""

    def __init__(self, student: MapShape, teacher: MapShape, variance: float) -> None:
        super().__init__()
        c_s, c_t = student[0], teacher[0]
        self.mean = nn.Sequential(
            nn.Conv2d(c_s, c_t, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(c_t, c_t, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(c_t, c_t, 1, bias=False),
        )
        self.scale = nn.Parameter(torch.full((c_t,), math.log(math.expm1(variance - EPSILON))))

    def forward(self, student: Tensor, teacher: Tensor) -> Tensor:
        """Return the negative log-likelihood of the teacher's map, without its constant, per element."""
        student, teacher = match_size(student, teacher)
        variance: Tensor = (functional.softplus(self.scale) + EPSILON).view(1, -1, 1, 1)
        squared: Tensor = (self.mean(student) - teacher) ** 2
        return (squared / variance + variance.log()).mean() / 2


class VidLoss(DistillationLoss):
    """Negative log-likelihoods, summed over stages."""

    def __init__(self, variance: float, setting: Setting) -> None:
        super().__init__()
        pairs = zip(setting.student.stages, setting.teacher.stages, strict=True)
        self.guesses = nn.ModuleList(Gaussian(*pair, variance) for pair in pairs)

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the sum over pairs of stages."""
        total = student.logits.new_zeros(())
        for guess, one, other in zip(self.guesses, student.stages, teacher.stages, strict=True):
            total = total + guess(one, other)
        return total


def build(options: VidOptions, setting: Setting) -> VidLoss:
    """Make the loss and its regressors, which are trained with the student."""
    return VidLoss(options.variance, setting)


METHOD = Method(
    summary="Likelihood of the teacher's maps under the student's guess",
    source="Ahn et al. 2019, arXiv 1904.05835, equation 6; weight and layers: RepDistiller",
    options=VidOptions,
    build=build,
    needs={Need.STAGES},
)
