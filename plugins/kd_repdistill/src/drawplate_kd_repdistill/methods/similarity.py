# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Similarity-preserving distillation: Tung, Mori, ICCV 2019, arXiv 1907.09682, equation 4."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting


@frozen(kw_only=True)
class SimilarityOptions:
    """similarity has no hyper-parameters."""


def similarities(features: Tensor) -> Tensor:
    """Return the Gram matrix between samples [batch, batch], each row of unit length."""
    flat = features.flatten(1)
    return functional.normalize(flat @ flat.T, dim=1)


class SimilarityLoss(DistillationLoss):
    """Squared Frobenius norm of the difference of similarities, by the squared batch size."""

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Compare the last stage's maps."""
        difference = similarities(teacher.stages[-1]) - similarities(student.stages[-1])
        return difference.pow(2).mean()


def build(_options: SimilarityOptions, _setting: Setting) -> SimilarityLoss:
    """Make the loss."""
    return SimilarityLoss()


METHOD = Method(
    summary="Similarities between the samples of a batch, in the last stage",
    source="Tung and Mori 2019, arXiv 1907.09682, equation 4; weight: RepDistiller",
    options=SimilarityOptions,
    build=build,
    needs={Need.STAGES},
    weight=3000.0,
)
