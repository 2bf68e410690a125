# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Attention transfer: Zagoruyko, Komodakis, ICLR 2017, arXiv 1612.03928, equation 2."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate.options import option
from drawplate_kd_repdistill.layers import match_size
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting


@frozen(kw_only=True)
class AttentionOptions:
    """Hyper-parameters of attention."""

    power: float = option("Power p to which activations are raised.", default=2.0, above=0)


def attention_map(features: Tensor, power: float) -> Tensor:
    """Return the mean over channels of |features|^p, flattened and of unit length: [batch, height * width]."""
    return functional.normalize(features.abs().pow(power).mean(1).flatten(1), dim=1)


class AttentionLoss(DistillationLoss):
    """Mean squared difference of attention maps, summed over stages."""

    def __init__(self, power: float) -> None:
        super().__init__()
        self.power = power

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the sum over pairs of stages; the larger map is pooled to the smaller."""
        total = student.logits.new_zeros(())
        for pair in zip(student.stages, teacher.stages, strict=True):
            one, other = match_size(*pair)
            difference = attention_map(one, self.power) - attention_map(other, self.power)
            total = total + difference.pow(2).mean()
        return total


def build(options: AttentionOptions, _setting: Setting) -> AttentionLoss:
    """Make the loss."""
    return AttentionLoss(options.power)


METHOD = Method(
    summary="Spatial attention maps (attention transfer)",
    source="Zagoruyko and Komodakis 2017, arXiv 1612.03928, equation 2; weight and mean: RepDistiller",
    options=AttentionOptions,
    build=build,
    needs={Need.STAGES},
    weight=1000.0,
    spatial=True,
)
