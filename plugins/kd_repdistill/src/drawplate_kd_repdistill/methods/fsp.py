# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Flow of solution procedure: Yim, Joo, Bae, Kim, CVPR 2017, equations 1 and 2."""

from __future__ import annotations

from itertools import pairwise

from attrs import frozen
from torch import Tensor

from drawplate.options import option
from drawplate_kd_repdistill.layers import match_size
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.ramp import stage_length


@frozen(kw_only=True)
class FspOptions:
    """Hyper-parameters of fsp."""

    pretrain_epochs: int | None = option(
        "Epochs in which the student learns flows alone, first; an eighth of the main training where left out.",
        default=None,
        at_least=1,
    )


def flow(lower: Tensor, upper: Tensor) -> Tensor:
    """Return the products of the channels of two maps, averaged over positions: [batch, C_lower, C_upper]."""
    lower, upper = match_size(lower, upper)
    return lower.flatten(2) @ upper.flatten(2).transpose(1, 2) / lower[0, 0].numel()


class FspLoss(DistillationLoss):
    """Mean squared difference of flows between consecutive stages; it acts before the main training only."""

    pretrains_student = True

    def __init__(self, epochs: int) -> None:
        super().__init__()
        self.pretrain_epochs = epochs

    def forward(self, student: Activations, _teacher: Activations, _batch: Batch) -> Tensor:
        """Return 0: after its own stage the method leaves the student to the cross-entropy."""
        return student.logits.new_zeros(())

    def pretrain(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the sum over consecutive stages."""
        total = student.logits.new_zeros(())
        for one, other in zip(pairwise(student.stages), pairwise(teacher.stages), strict=True):
            total = total + (flow(*one) - flow(*other)).pow(2).mean()
        return total


def build(options: FspOptions, setting: Setting) -> FspLoss:
    """Make the loss."""
    return FspLoss(stage_length(options.pretrain_epochs, setting.epochs))


METHOD = Method(
    summary="Flow between consecutive stages, as a first stage of training",
    source="Yim et al., A Gift from Knowledge Distillation, CVPR 2017, equations 1 and 2; weight: RepDistiller",
    options=FspOptions,
    build=build,
    needs={Need.STAGES},
    weight=50.0,
    equal_channels=True,
    consecutive=True,
)
