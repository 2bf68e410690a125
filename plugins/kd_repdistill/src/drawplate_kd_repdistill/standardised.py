# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Logit standardisation before any loss of logits: Sun, Ren, Li, Wang, Cao, CVPR 2024, arXiv 2403.01427, section 4."""

from __future__ import annotations

from torch import Tensor

from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss

EPSILON = 1e-7


def standardise(logits: Tensor) -> Tensor:
    """Return every row with mean 0 and (unbiased) standard deviation 1."""
    return (logits - logits.mean(1, keepdim=True)) / (logits.std(1, keepdim=True) + EPSILON)


class Standardised(DistillationLoss):
    """A loss of logits, of the z-scores of both networks' logits."""

    def __init__(self, loss: DistillationLoss) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, student: Activations, teacher: Activations, batch: Batch) -> Tensor:
        """Return the loss of the standardised logits."""
        student, teacher = (Activations(logits=standardise(each.logits)) for each in (student, teacher))
        value: Tensor = self.loss(student, teacher, batch)
        return value
