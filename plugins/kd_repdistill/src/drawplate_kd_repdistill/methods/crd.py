# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Contrastive representation distillation: Tian, Krishnan, Isola, ICLR 2020, arXiv 1910.10699, section 3.2."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional

from drawplate.options import option
from drawplate.task import Kind
from drawplate_kd_repdistill.layers import some
from drawplate_kd_repdistill.loss import Activations, Batch, DistillationLoss
from drawplate_kd_repdistill.memory import Memory, Negatives
from drawplate_kd_repdistill.method import Method, Need, Setting

EPSILON = 1e-7


@frozen(kw_only=True)
class CrdOptions:
    """Hyper-parameters of crd."""

    negatives: int = option(
        "Samples of other classes that each sample is contrasted with (the paper: 16384; memory grows with it).",
        default=1024,
        at_least=1,
    )
    width: int = option("Length of the common embedding.", default=128, at_least=1)
    contrast_temperature: float = option("Temperature tau of the contrast.", default=0.07, above=0)
    momentum: float = option("Part of the old entry kept when memory is updated.", default=0.5, at_least=0, below=1)


def contrast(scores: Tensor, samples: int) -> Tensor:
    """Return the noise-contrastive loss of scores [batch, 1 + K], the positive first, averaged over the batch."""
    noise = (scores.shape[1] - 1) / samples
    positive = (scores[:, 0] / (scores[:, 0] + noise + EPSILON)).log()
    negative = (noise / (scores[:, 1:] + noise + EPSILON)).log()
    return -(positive.sum() + negative.sum()) / len(scores)


class CrdLoss(DistillationLoss):
    """Contrast of the student's embedding with the teacher's memory, and the other way round."""

    def __init__(self, options: CrdOptions, setting: Setting) -> None:
        super().__init__()
        self.tau = options.contrast_temperature
        self.embed_student = nn.Linear(setting.student.embedding, options.width)
        self.embed_teacher = nn.Linear(setting.teacher.embedding, options.width)
        self.draw = Negatives(setting.labels, options.negatives)
        samples = len(setting.labels)
        self.memory_student = Memory(samples, options.width, options.momentum)
        self.memory_teacher = Memory(samples, options.width, options.momentum)
        self.register_buffer("partition", torch.zeros(2))
        self.partition: Tensor

    def forward(self, student: Activations, teacher: Activations, batch: Batch) -> Tensor:
        """Return both noise-contrastive losses."""
        v_s, v_t = self._embeddings(student, teacher)
        rows = torch.cat([batch.index[:, None], self.draw(batch.index)], dim=1)
        scores_s = self._scores(v_s, self.memory_teacher.rows(rows), 0)
        scores_t = self._scores(v_t, self.memory_student.rows(rows), 1)
        samples = len(self.memory_student.bank)
        return contrast(scores_s, samples) + contrast(scores_t, samples)

    def remember(self, student: Activations, teacher: Activations, batch: Batch) -> None:
        """Move the batch's entries of both memories."""
        v_s, v_t = self._embeddings(student, teacher)
        self.memory_student.update(batch.index, v_s)
        self.memory_teacher.update(batch.index, v_t)

    def _embeddings(self, student: Activations, teacher: Activations) -> tuple[Tensor, Tensor]:
        v_s = self.embed_student(some(student.embedding))
        v_t = self.embed_teacher(some(teacher.embedding))
        return functional.normalize(v_s, dim=1), functional.normalize(v_t, dim=1)

    def _scores(self, vectors: Tensor, entries: Tensor, side: int) -> Tensor:
        scores = (torch.einsum("bd,bkd->bk", vectors, entries) / self.tau).exp()
        if self.partition[side] == 0:  # Z of equation 19, estimated once on the first batch
            self.partition[side] = scores.detach().mean() * len(self.memory_student.bank)
        return scores / self.partition[side].clone()


def build(options: CrdOptions, setting: Setting) -> CrdLoss:
    """Make the loss, both embeddings and both memories."""
    return CrdLoss(options, setting)


METHOD = Method(
    summary="Contrast of embeddings against memories of all samples",
    source="Tian et al. 2020, arXiv 1910.10699, section 3.2; weight: RepDistiller",
    options=CrdOptions,
    build=build,
    needs={Need.EMBEDDING},
    tasks=frozenset({Kind.CLASSIFICATION, Kind.BINARY}),
    weight=0.8,
)
