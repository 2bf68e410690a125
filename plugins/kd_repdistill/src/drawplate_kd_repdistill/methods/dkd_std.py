# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Logit standardisation before dkd: Sun, Ren, Li, Wang, Cao, CVPR 2024, arXiv 2403.01427."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor

from drawplate.options import option
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.methods.dkd import decoupled
from drawplate_kd_repdistill.methods.kd_std import standardise
from drawplate_kd_repdistill.ramp import Ramp


@frozen(kw_only=True)
class DkdStdOptions:
    """Hyper-parameters of dkd_std."""

    temperature: float = option("Temperature T that softens both standardised logits.", default=2.0, above=0)
    target: float = option("Weight of the target-class part (the paper's alpha).", default=1.0, at_least=0)
    nontarget: float = option(
        "Weight of the part between the other classes (the paper's beta).", default=8.0, at_least=0
    )
    warmup: float = option(
        "Part of the epochs over which the weight rises to its full value.", default=20 / 240, at_least=0, at_most=1
    )


class DkdStdLoss(DistillationLoss):
    """dkd between z-scores of the logits."""

    def __init__(self, options: DkdStdOptions, epochs: int) -> None:
        super().__init__()
        self.options = options
        self.ramp = Ramp(options.warmup, epochs)

    def forward(self, student: Activations, teacher: Activations, batch: Batch) -> Tensor:
        """Return the weighted sum of the two divergences of the standardised logits."""
        options = self.options
        logits = standardise(student.logits), standardise(teacher.logits)
        target, nontarget = decoupled(*logits, batch.labels, options.temperature)
        return self.ramp(batch.epoch) * (options.target * target + options.nontarget * nontarget)


def build(options: DkdStdOptions, setting: Setting) -> DkdStdLoss:
    """Make the loss."""
    return DkdStdLoss(options, setting.epochs)


METHOD = Method(
    summary="dkd between standardised logits",
    source="Sun et al. 2024, arXiv 2403.01427, on Zhao et al. 2022, arXiv 2203.08679",
    options=DkdStdOptions,
    build=build,
    needs={Need.LOGITS},
)
