# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Distillation from a stronger teacher by correlation: Huang, You, Wang, Qian, Xu, NeurIPS 2022, arXiv 2205.10536."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate.options import option
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting


@frozen(kw_only=True)
class DistOptions:
    """Hyper-parameters of dist."""

    temperature: float = option("Temperature T that softens both logits.", default=4.0, above=0)
    inter: float = option("Weight of the relation between classes, per sample.", default=1.0, at_least=0)
    intra: float = option("Weight of the relation between samples, per class.", default=1.0, at_least=0)


def pearson_distance(one: Tensor, other: Tensor) -> Tensor:
    """Return 1 - Pearson correlation of the rows [n, m], averaged over n."""
    centred = one - one.mean(1, keepdim=True), other - other.mean(1, keepdim=True)
    return 1 - functional.cosine_similarity(*centred, dim=1).mean()


class DistLoss(DistillationLoss):
    """Pearson distance of the softened predictions along rows and columns."""

    def __init__(self, options: DistOptions) -> None:
        super().__init__()
        self.options = options

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return T^2 (inter * distance of rows + intra * distance of columns)."""
        temperature = self.options.temperature
        p_s = (student.logits / temperature).softmax(1)
        p_t = (teacher.logits / temperature).softmax(1)
        inter = self.options.inter * pearson_distance(p_s, p_t)
        intra = self.options.intra * pearson_distance(p_s.T, p_t.T)
        return temperature**2 * (inter + intra)


def build(options: DistOptions, _setting: Setting) -> DistLoss:
    """Make the loss."""
    return DistLoss(options)


METHOD = Method(
    summary="Correlation of predictions between classes and between samples",
    source="Huang et al. 2022, arXiv 2205.10536; weights: the authors' CIFAR-100 settings",
    options=DistOptions,
    build=build,
    needs={Need.LOGITS},
    weight=2.0,
)
