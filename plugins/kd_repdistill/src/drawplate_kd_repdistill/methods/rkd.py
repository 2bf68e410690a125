# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Relational knowledge distillation: Park, Kim, Lu, Cho, CVPR 2019, arXiv 1904.05068, equations 5 to 11."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate.options import option
from drawplate_kd_repdistill.layers import some
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting


@frozen(kw_only=True)
class RkdOptions:
    """Hyper-parameters of rkd."""

    distance: float = option("Weight of the distances between pairs.", default=25.0, at_least=0)
    angle: float = option("Weight of the angles in triples.", default=50.0, at_least=0)


def distances(embedding: Tensor) -> Tensor:
    """Return Euclidean distances [batch, batch] by their mean over distinct samples."""
    pairs: Tensor = (embedding.unsqueeze(0) - embedding.unsqueeze(1)).norm(dim=2)
    distinct = pairs[pairs > 0]
    return pairs / distinct.mean() if len(distinct) else pairs


def angles(embedding: Tensor) -> Tensor:
    """Return the cosine of the angle at i between j and k: [batch, batch, batch]."""
    directions = functional.normalize(embedding.unsqueeze(0) - embedding.unsqueeze(1), dim=2)
    return directions @ directions.transpose(1, 2)


class RkdLoss(DistillationLoss):
    """Huber losses on distances and angles."""

    def __init__(self, options: RkdOptions) -> None:
        super().__init__()
        self.options = options

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return the weighted sum of both Huber losses, averaged over all pairs and triples."""
        e_s, e_t = some(student.embedding), some(teacher.embedding)
        distance = functional.smooth_l1_loss(distances(e_s), distances(e_t))
        angle = functional.smooth_l1_loss(angles(e_s), angles(e_t))
        return self.options.distance * distance + self.options.angle * angle


def build(options: RkdOptions, _setting: Setting) -> RkdLoss:
    """Make the loss."""
    return RkdLoss(options)


METHOD = Method(
    summary="Distances and angles between the embeddings of a batch",
    source="Park et al. 2019, arXiv 1904.05068; weights: RepDistiller",
    options=RkdOptions,
    build=build,
    needs={Need.EMBEDDING},
)
