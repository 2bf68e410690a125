# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Probabilistic knowledge transfer: Passalis, Tefas, ECCV 2018, arXiv 1803.10837."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor
from torch.nn import functional

from drawplate_kd_repdistill.layers import some
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.method import Method, Need, Setting

EPSILON = 1e-7


@frozen(kw_only=True)
class PktOptions:
    """pkt has no hyper-parameters."""


def neighbours(embedding: Tensor) -> Tensor:
    """Return (cosine similarity + 1) / 2 between samples, each row summing to one: [batch, batch]."""
    unit = functional.normalize(embedding, dim=1)
    similarity = (unit @ unit.T + 1) / 2
    return similarity / similarity.sum(1, keepdim=True)


class PktLoss(DistillationLoss):
    """Divergence of the neighbourhoods."""

    def forward(self, student: Activations, teacher: Activations, _batch: Batch) -> Tensor:
        """Return P_t log(P_t / P_s), averaged over all pairs."""
        p_s, p_t = neighbours(some(student.embedding)), neighbours(some(teacher.embedding))
        return (p_t * ((p_t + EPSILON) / (p_s + EPSILON)).log()).mean()


def build(_options: PktOptions, _setting: Setting) -> PktLoss:
    """Make the loss."""
    return PktLoss()


METHOD = Method(
    summary="Neighbourhood probabilities in the embedding",
    source="Passalis and Tefas 2018, arXiv 1803.10837; weight and mean over pairs: RepDistiller",
    options=PktOptions,
    build=build,
    needs={Need.EMBEDDING},
    weight=30000.0,
)
