# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Logit standardisation before kd: Sun, Ren, Li, Wang, Cao, CVPR 2024, arXiv 2403.01427."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor

from drawplate.options import option
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.methods.kd import softened_kl

EPSILON = 1e-7


@frozen(kw_only=True)
class KdStdOptions:
    """Hyper-parameters of kd_std."""

    temperature: float = option("Temperature T that softens both standardised logits.", default=2.0, above=0)


def standardise(logits: Tensor) -> Tensor:
    """Return every row with mean 0 and (unbiased) standard deviation 1."""
    return (logits - logits.mean(1, keepdim=True)) / (logits.std(1, keepdim=True) + EPSILON)


class KdStdLoss(DistillationLoss):
    """kd between z-scores of the logits."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the softened divergence of the standardised logits."""
        return softened_kl(standardise(student.logits), standardise(teacher.logits), self.temperature)


def build(options: KdStdOptions, _setting: Setting) -> KdStdLoss:
    """Make the loss."""
    return KdStdLoss(options.temperature)


METHOD = Method(
    summary="kd between standardised logits",
    source="Sun et al. 2024, arXiv 2403.01427; weights: the authors' CIFAR-100 settings",
    options=KdStdOptions,
    build=build,
    needs={Need.LOGITS},
    weight=9.0,
    gamma=0.1,
)
