# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Correlation congruence as in RepDistiller, after Peng et al., ICCV 2019, arXiv 1904.01802."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor, nn

from drawplate.options import option
from drawplate_kd_repdistill.layers import some
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting


@frozen(kw_only=True)
class CorrelationOptions:
    """Hyper-parameters of correlation."""

    width: int = option("Length of the common embedding.", default=128, at_least=1)


class CorrelationLoss(DistillationLoss):
    """Products of embedding distances of neighbours in the batch."""

    def __init__(self, width: int, setting: Setting) -> None:
        super().__init__()
        self.embed_student = nn.Linear(setting.student.embedding, width)
        self.embed_teacher = nn.Linear(setting.teacher.embedding, width)

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the mean over i of the inner product of |e_s - e_t| of samples i and i + 1."""
        e_s: Tensor = self.embed_student(some(student.embedding))
        e_t: Tensor = self.embed_teacher(some(teacher.embedding))
        distance = (e_s - e_t).abs()
        if len(distance) < 2:
            return distance.sum() * 0
        return (distance[:-1] * distance[1:]).sum(1).mean()


def build(options: CorrelationOptions, setting: Setting) -> CorrelationLoss:
    """Make the loss and both embeddings, which are trained with the student."""
    return CorrelationLoss(options.width, setting)


METHOD = Method(
    summary="Correlation of embedding distances between neighbours in a batch",
    source="RepDistiller's form of Peng et al. 2019, arXiv 1904.01802",
    options=CorrelationOptions,
    build=build,
    needs={Need.EMBEDDING},
    weight=0.02,
)
