# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Hints from one intermediate map (FitNets): Romero et al., ICLR 2015, arXiv 1412.6550, equation 3."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional

from drawplate.errors import FlowError
from drawplate.options import option
from drawplate_kd_repdistill.layers import Regressor
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting


@frozen(kw_only=True)
class HintOptions:
    """Hyper-parameters of hint."""

    stage: int | None = option(
        "Which pair of stages is compared, counted from 0; the middle one where left out.", default=None, at_least=0
    )


class HintLoss(DistillationLoss):
    """Mean squared error between a regressed student map and the teacher's."""

    def __init__(self, stage: int, setting: Setting) -> None:
        super().__init__()
        self.stage = stage
        self.regressor = nn.Sequential(
            Regressor(setting.student.stages[stage], setting.teacher.stages[stage]), nn.ReLU()
        )

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the error averaged over all elements."""
        return functional.mse_loss(self.regressor(student.stages[self.stage]), teacher.stages[self.stage])


def build(options: HintOptions, setting: Setting) -> HintLoss:
    """Make the loss and its regressor, which is trained with the student.

    Raises:
        FlowError: when there is no such pair of stages.
    """
    stages = len(setting.student.stages)
    stage = (stages - 1) // 2 if options.stage is None else options.stage
    if stage >= stages:
        raise FlowError(f"stage is {stage}", where="method hint", allowed=f"0 to {stages - 1}")
    return HintLoss(stage, setting)


METHOD = Method(
    summary="Regression of one intermediate feature map (FitNets)",
    source="Romero et al. 2015, arXiv 1412.6550, equation 3; weight: RepDistiller",
    options=HintOptions,
    build=build,
    needs={Need.STAGES},
    weight=100.0,
)
