# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Factor transfer: Kim, Park, Kwak, NeurIPS 2018, arXiv 1802.04977, equations 1 to 3."""

from __future__ import annotations

from typing import cast

import torch
from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional

from drawplate.options import option
from drawplate_kd_repdistill.layers import match_size
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.methods.attention import attention_map
from drawplate_kd_repdistill.ramp import stage_length


@frozen(kw_only=True)
class FactorOptions:
    """Hyper-parameters of factor."""

    rate: float = option("Channels of the factor by those of the teacher's map.", default=0.5, above=0, at_most=1)
    pretrain_epochs: int | None = option(
        "Epochs in which the paraphraser learns the teacher's map first; an eighth of the training where left out.",
        default=None,
        at_least=1,
    )


def _block(layer: type[nn.Conv2d | nn.ConvTranspose2d], widths: tuple[int, int], *, norm: bool) -> nn.Module:
    return nn.Sequential(
        layer(*widths, 3, 1, 1), nn.BatchNorm2d(widths[1]) if norm else nn.Identity(), nn.LeakyReLU(0.1)
    )


def encoder(width: int, factor: int, *, norm: bool) -> nn.Sequential:
    """Three 3 x 3 convolutions from a map to its factor."""
    return nn.Sequential(
        *(_block(nn.Conv2d, w, norm=norm) for w in ((width, width), (width, factor), (factor, factor)))
    )


def decoder(width: int, factor: int) -> nn.Sequential:
    """Three transposed convolutions from a factor to the map."""
    widths = ((factor, factor), (factor, width), (width, width))
    return nn.Sequential(*(_block(nn.ConvTranspose2d, w, norm=False) for w in widths))


class FactorLoss(DistillationLoss):
    """Difference of the translator's and the paraphraser's factors of the last stage."""

    def __init__(self, options: FactorOptions, setting: Setting) -> None:
        super().__init__()
        self.pretrain_epochs = stage_length(options.pretrain_epochs, setting.epochs)
        c_s, c_t = setting.student.stages[-1][0], setting.teacher.stages[-1][0]
        width = max(1, int(c_t * options.rate))
        self.paraphraser = encoder(c_t, width, norm=False)
        self.reconstruction = decoder(c_t, width)
        self.translator = encoder(c_s, width, norm=True)

    def pretrain(self, _student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the paraphraser's mean squared reconstruction error."""
        maps = teacher.stages[-1]
        return functional.mse_loss(self.reconstruction(self.paraphraser(maps)), maps)

    def end_pretraining(self) -> None:
        """Freeze the paraphraser."""
        for part in (self.paraphraser, self.reconstruction):
            part.requires_grad_(requires_grad=False)

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the mean absolute difference of the factors' normalised maps."""
        with torch.no_grad():
            target = self.paraphraser(teacher.stages[-1])
        one, other = match_size(cast("Tensor", self.translator(student.stages[-1])), target)
        return (attention_map(one, 2) - attention_map(other, 2)).abs().mean()


def build(options: FactorOptions, setting: Setting) -> FactorLoss:
    """Make the loss, the teacher's paraphraser and the student's translator."""
    return FactorLoss(options, setting)


METHOD = Method(
    summary="Factors of the last stage: a paraphraser for the teacher, a translator for the student",
    source="Kim et al. 2018, arXiv 1802.04977, equations 1 to 3; normalisation and weight: RepDistiller",
    options=FactorOptions,
    build=build,
    needs={Need.STAGES},
    weight=200.0,
    spatial=True,
)
