# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Decoupled knowledge distillation: Zhao, Cui, Song, Qiu, Liang, CVPR 2022, arXiv 2203.08679, equation 7."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate.options import option
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.ramp import Ramp


@frozen(kw_only=True)
class DkdOptions:
    """Hyper-parameters of dkd."""

    temperature: float = option("Temperature T that softens both logits.", default=4.0, above=0)
    target: float = option("Weight of the target-class part (the paper's alpha).", default=1.0, at_least=0)
    nontarget: float = option(
        "Weight of the part between the other classes (the paper's beta).", default=8.0, at_least=0
    )
    warmup: float = option(
        "Part of the epochs over which the weight rises to its full value.", default=20 / 240, at_least=0, at_most=1
    )


def decoupled(student: Tensor, teacher: Tensor, labels: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Return the target-class and the non-target-class divergence, both times T^2 and averaged over the batch.

    Args:
        student: logits [batch, classes].
        teacher: logits [batch, classes].
        labels: int64 [batch].
        temperature: T.
    """
    log_s = functional.log_softmax(student / temperature, dim=1)
    log_t = functional.log_softmax(teacher / temperature, dim=1)
    is_target = functional.one_hot(labels, student.shape[1]).bool()
    target = _kl(_target_or_not(log_s, is_target), _target_or_not(log_t, is_target))
    others = (student.shape[0], student.shape[1] - 1)
    nontarget = _kl(
        functional.log_softmax(student[~is_target].view(others) / temperature, dim=1),
        functional.log_softmax(teacher[~is_target].view(others) / temperature, dim=1),
    )
    return temperature**2 * target, temperature**2 * nontarget


def _target_or_not(log_p: Tensor, is_target: Tensor) -> Tensor:
    """Return log [p_target, 1 - p_target] per row; the second by log-sum-exp, which a certain teacher cannot break."""
    others = log_p.masked_fill(is_target, -torch.inf).logsumexp(1)
    return torch.stack([log_p[is_target], others], dim=1)


def _kl(log_student: Tensor, log_teacher: Tensor) -> Tensor:
    return functional.kl_div(log_student, log_teacher, reduction="batchmean", log_target=True)


class DkdLoss(DistillationLoss):
    """Weighted sum of the two divergences."""

    def __init__(self, options: DkdOptions, epochs: int) -> None:
        super().__init__()
        self.options = options
        self.ramp = Ramp(options.warmup, epochs)

    def forward(self, student: Activations, teacher: Activations, batch: Batch) -> Tensor:
        """See :func:`decoupled`."""
        options = self.options
        target, nontarget = decoupled(student.logits, teacher.logits, batch.labels, options.temperature)
        return self.ramp(batch.epoch) * (options.target * target + options.nontarget * nontarget)


def build(options: DkdOptions, setting: Setting) -> DkdLoss:
    """Make the loss."""
    return DkdLoss(options, setting.epochs)


METHOD = Method(
    summary="Decoupled target-class and other-class divergences",
    source="Zhao et al. 2022, arXiv 2203.08679, equation 7; weights: mdistiller, resnet32x4 to resnet8x4",
    options=DkdOptions,
    build=build,
    needs={Need.LOGITS},
)
