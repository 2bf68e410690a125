# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Knowledge distillation of outputs; of classes softened: Hinton, Vinyals, Dean, arXiv 1503.02531, section 2."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate.options import option
from drawplate.task import Kind
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


def softened_yes(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return T^2 KL of sigmoid(teacher/T) and sigmoid(student/T): summed over labels, averaged over the batch.

    A logit z of yes and no is two logits, 0 and z: the same divergence as :func:`softened_kl` of these.
    """
    student, teacher = student.flatten(1) / temperature, teacher.flatten(1) / temperature
    yes = torch.sigmoid(teacher)
    cross = functional.binary_cross_entropy_with_logits(student, yes, reduction="sum")
    own = functional.binary_cross_entropy_with_logits(teacher, yes, reduction="sum")
    return temperature**2 * (cross - own) / len(student)


class KdLoss(DistillationLoss):
    """Divergence of the student's outputs from the teacher's, as the task has it."""

    def __init__(self, temperature: float, task: Kind = Kind.CLASSIFICATION) -> None:
        super().__init__()
        self.temperature = temperature
        self.task = task

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Compare softened classes, softened yes and no, or numbers."""
        match self.task:
            case Kind.CLASSIFICATION:
                return softened_kl(student.logits, teacher.logits, self.temperature)
            case Kind.BINARY | Kind.LABELS:
                return softened_yes(student.logits, teacher.logits, self.temperature)
            case _:
                return functional.mse_loss(student.logits, teacher.logits)


def build(options: KdOptions, setting: Setting) -> KdLoss:
    """Make the loss."""
    return KdLoss(options.temperature, setting.task)


METHOD = Method(
    summary="Softened logits, or outputs of other tasks (knowledge distillation)",
    source="Hinton et al. 2015, arXiv 1503.02531, section 2; weights: RepDistiller",
    options=KdOptions,
    build=build,
    needs={Need.LOGITS},
    tasks=frozenset(Kind),
    alpha=0.9,
    gamma=None,
)
