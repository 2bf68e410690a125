# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Knowledge distillation of softened logits: Hinton, Vinyals, Dean, arXiv 1503.02531, section 2."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate.options import option
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting


@frozen(kw_only=True)
class KdOptions:
    """Hyper-parameters of kd."""

    temperature: float = option("Temperature T that softens both logits.", default=4.0, above=0)


def softened_kl(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return T^2 KL(softmax(teacher/T) || softmax(student/T)): summed over classes, averaged over the batch."""
    log_student = functional.log_softmax(student / temperature, dim=1)
    log_teacher = functional.log_softmax(teacher / temperature, dim=1)
    return temperature**2 * functional.kl_div(log_student, log_teacher, reduction="batchmean", log_target=True)


class KdLoss(DistillationLoss):
    """Softened Kullback-Leibler divergence."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """See :func:`softened_kl`."""
        return softened_kl(student.logits, teacher.logits, self.temperature)


def build(options: KdOptions, _setting: Setting) -> KdLoss:
    """Make the loss."""
    return KdLoss(options.temperature)


METHOD = Method(
    summary="Softened logits (knowledge distillation)",
    source="Hinton et al. 2015, arXiv 1503.02531, section 2; weights: RepDistiller",
    options=KdOptions,
    build=build,
    needs={Need.LOGITS},
    alpha=0.9,
    gamma=None,
)
