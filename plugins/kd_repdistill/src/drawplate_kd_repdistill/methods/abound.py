# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Activation boundaries: Heo, Lee, Yun, Choi, AAAI 2019, arXiv 1811.03233, equation 4."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor, nn

from drawplate.options import option
from drawplate_kd_repdistill.layers import Regressor
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.ramp import stage_length

SCALE = 3 / 1000
"""RepDistiller's factor."""


@frozen(kw_only=True)
class AboundOptions:
    """Hyper-parameters of abound."""

    margin: float = option("Margin that a pre-activation keeps to the boundary.", default=1.0, above=0)
    pretrain_epochs: int | None = option(
        "Epochs in which the student learns boundaries alone, first; an eighth of the main training where left out.",
        default=None,
        at_least=1,
    )


def boundary(student: Tensor, teacher: Tensor, margin: float) -> Tensor:
    """Return the squared hinge towards the teacher's side of the boundary, summed over all elements."""
    active = teacher > 0
    below = (student + margin).clamp(min=0).pow(2)
    above = (margin - student).clamp(min=0).pow(2)
    return above.where(active, below).sum()


class AboundLoss(DistillationLoss):
    """Hinges of connected pre-activations, halved with every stage away from the output."""

    pretrains_student = True

    def __init__(self, options: AboundOptions, setting: Setting) -> None:
        super().__init__()
        self.pretrain_epochs = stage_length(options.pretrain_epochs, setting.epochs)
        self.margin = options.margin
        pairs = zip(setting.student.stages, setting.teacher.stages, strict=True)
        self.connectors = nn.ModuleList(nn.Identity() if s == t else Regressor(s, t) for s, t in pairs)

    def forward(self, student: Activations, _teacher: Activations, _batch: Batch) -> Tensor:
        """Return 0: after its own stage the method leaves the student to the cross-entropy."""
        return student.logits.new_zeros(())

    def pretrain(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the weighted sum over pairs of stages, by the batch size."""
        total = student.logits.new_zeros(())
        rows = list(zip(self.connectors, student.preactivations, teacher.preactivations, strict=True))
        for i, (connector, one, other) in enumerate(rows):
            total = total + 2.0 ** (i + 1 - len(rows)) * boundary(connector(one), other, self.margin)
        return SCALE * total / len(student.logits)


def build(options: AboundOptions, setting: Setting) -> AboundLoss:
    """Make the loss and its connectors, which are trained with the student."""
    return AboundLoss(options, setting)


METHOD = Method(
    summary="Sides of the activation boundaries, as a first stage of training",
    source="Heo et al. 2019, arXiv 1811.03233, equation 4; weights: RepDistiller",
    options=AboundOptions,
    build=build,
    needs={Need.PREACTIVATIONS},
)
