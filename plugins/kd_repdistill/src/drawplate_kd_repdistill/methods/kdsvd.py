# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Distillation by singular vectors: Lee, Kim, Song, ECCV 2018, arXiv 1807.06819, section 3."""

from __future__ import annotations

from itertools import pairwise

import torch
from attrs import frozen
from torch import Tensor

from drawplate.options import option
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting
from drawplate_kd_repdistill.singular import right_singular

SPREAD = 8.0
"""Denominator of the radial basis function, RepDistiller's."""
MARGIN = 3
"""How many more of the student's vectors are candidates for alignment."""


@frozen(kw_only=True)
class KdsvdOptions:
    """Hyper-parameters of kdsvd."""

    vectors: int = option("Singular vectors kept per map.", default=1, at_least=1)


def aligned(student: Tensor, teacher: Tensor) -> Tensor:
    """Pick, for every teacher vector, the student vector of the largest |cosine|, with the sign that agrees.

    Args:
        student: [batch, channels, candidates], unit columns.
        teacher: [batch, channels, vectors], unit columns.
    """
    cosine = student.transpose(1, 2) @ teacher
    best = cosine.abs().argmax(1, keepdim=True)
    picked = torch.take_along_dim(student, best.expand(-1, student.shape[1], -1), dim=2)
    return picked * torch.take_along_dim(cosine, best, dim=1).sign()


def relation(upper: Tensor, lower: Tensor) -> Tensor:
    """Return the radial basis function of all differences between two stages' vectors: [batch, C, C', vectors]."""
    return torch.exp(-(upper.unsqueeze(2) - lower.unsqueeze(1)).pow(2) / SPREAD)


class KdsvdLoss(DistillationLoss):
    """Squared difference of the relations between consecutive stages."""

    def __init__(self, vectors: int) -> None:
        super().__init__()
        self.vectors = vectors

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the sum over consecutive stages and all elements, by the batch size."""
        pairs = [self._vectors(*pair) for pair in zip(student.stages, teacher.stages, strict=True)]
        total = student.logits.new_zeros(())
        for (lower_s, lower_t), (upper_s, upper_t) in pairwise(pairs):
            total = total + (relation(upper_s, lower_s) - relation(upper_t, lower_t)).pow(2).sum()
        return total / len(student.logits)

    def _vectors(self, student: Tensor, teacher: Tensor) -> tuple[Tensor, Tensor]:
        values, target = right_singular(teacher, self.vectors)
        candidates = right_singular(student, self.vectors + MARGIN)[1]
        share = torch.nn.functional.normalize(values, dim=1).unsqueeze(1)
        return aligned(candidates, target) * share, target * share


def build(options: KdsvdOptions, _setting: Setting) -> KdsvdLoss:
    """Make the loss."""
    return KdsvdLoss(options.vectors)


METHOD = Method(
    summary="Relations between the leading singular vectors of consecutive stages",
    source="Lee et al. 2018, arXiv 1807.06819, section 3; constants: RepDistiller, weight: mdistiller",
    options=KdsvdOptions,
    build=build,
    needs={Need.STAGES},
    spatial=True,
    equal_channels=True,
    consecutive=True,
)
