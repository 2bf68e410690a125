# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Multi-level logit distillation: Jin, Wang, Lin, CVPR 2023, section 3, on one view of each image."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor

from drawplate.options import option
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.methods.kd import softened_kl


@frozen(kw_only=True)
class MlkdOptions:
    """Hyper-parameters of mlkd."""

    temperatures: tuple[float, ...] = option(
        "Temperatures over which every level is summed.", default=(2.0, 3.0, 4.0, 5.0, 6.0), above=0
    )


def batch_level(p_s: Tensor, p_t: Tensor) -> Tensor:
    """Return the squared difference of the Gram matrices between samples, by the batch size."""
    return ((p_t @ p_t.T - p_s @ p_s.T) ** 2).sum() / p_s.shape[0]


def class_level(p_s: Tensor, p_t: Tensor) -> Tensor:
    """Return the squared difference of the Gram matrices between classes, by the number of classes."""
    return ((p_t.T @ p_t - p_s.T @ p_s) ** 2).sum() / p_s.shape[1]


class MlkdLoss(DistillationLoss):
    """Instance, batch and class level, summed over temperatures."""

    def __init__(self, options: MlkdOptions) -> None:
        super().__init__()
        self.temperatures = options.temperatures

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the sum of the three levels over all temperatures."""
        total = student.logits.new_zeros(())
        for temperature in self.temperatures:
            p_s = (student.logits / temperature).softmax(1)
            p_t = (teacher.logits / temperature).softmax(1)
            instance = softened_kl(student.logits, teacher.logits, temperature)
            total = total + instance + batch_level(p_s, p_t) + class_level(p_s, p_t)
        return total


def build(options: MlkdOptions, _setting: Setting) -> MlkdLoss:
    """Make the loss."""
    return MlkdLoss(options)


METHOD = Method(
    summary="Logits at instance, batch and class level over several temperatures",
    source="Jin, Wang, Lin, Multi-level Logit Distillation, CVPR 2023",
    options=MlkdOptions,
    build=build,
    needs={Need.LOGITS},
)
