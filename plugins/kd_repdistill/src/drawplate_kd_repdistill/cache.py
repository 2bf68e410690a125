# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Teachers computed once: outputs for fixed views of every image, found again by sample index."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import attrs
import numpy as np
import torch
from attrs import frozen
from torch import Tensor

from drawplate.artifact import Artifact
from drawplate.job import Job, Progress
from drawplate.torch.loop import Augmentation, Batch
from drawplate.torch.loop.evaluate import Pixels
from drawplate_kd_repdistill.loss import Activations
from drawplate_kd_repdistill.method import Need
from drawplate_kd_repdistill.teachers import Teacher, mean_logits

CHUNK = 256
"""Images at once."""


@frozen(kw_only=True, eq=False)
class CachedTeachers:
    """Looks teachers up by view and sample index."""

    logits: Tensor
    """float32 [views, samples, classes], on the CPU."""
    embedding: Tensor | None
    """float32 [views, samples, width], on the CPU."""
    device: str

    def __call__(self, batch: Batch) -> Activations:
        """Return what the teachers made of exactly these views of these samples, whatever their order."""
        view = torch.zeros_like(batch.index) if batch.view is None else batch.view
        embedding = None if self.embedding is None else self.embedding[view, batch.index].to(self.device)
        return Activations(logits=self.logits[view, batch.index].to(self.device), embedding=embedding)


@frozen(kw_only=True, eq=False)
class ViewCache:
    """Computes, or finds in the store, outputs of teachers for fixed views.

    An entry's key holds whatever its numbers follow from: data and their normalisation, the teacher, the
    shifts and mirrors of the view, the number format and the tapped value.
    """

    job: Job
    augment: str
    views: int
    needs: frozenset[Need]

    def load(
        self, artifacts: Sequence[Artifact], teachers: Sequence[Teacher], shares: tuple[float, ...]
    ) -> CachedTeachers:
        """Return all views of all teachers; what is not in the store is computed now, view by view."""
        moves = Augmentation(self.augment).views(self.views, len(self.job.data("train")), self.job.seed)
        folders: list[list[Path]] = []
        with self.job.progress(f"{self.job.step}: teachers", len(artifacts) * self.views) as bar:
            for artifact, teacher in zip(artifacts, teachers, strict=True):
                folders.append([self._folder(artifact, teacher, moves[view], bar) for view in range(self.views)])
        logits = [torch.stack([_read(folder / "logits.npy") for folder in each]) for each in folders]
        embedding = None
        if Need.EMBEDDING in self.needs:
            embedding = torch.stack([_read(folder / "embedding.npy") for folder in folders[0]])
        mean = mean_logits(logits, shares) if len(logits) > 1 else logits[0]
        return CachedTeachers(logits=mean, embedding=embedding, device=self.job.device)

    def _folder(self, artifact: Artifact, teacher: Teacher, moves: Tensor, bar: Progress) -> Path:
        dataset = self.job.dataset
        key = {
            "data": dataset.digest,
            "normalisation": attrs.asdict(dataset.normalisation),
            "teacher": artifact.digest,
            "moves": hashlib.sha256(moves.numpy().tobytes()).hexdigest(),
            "embedding": teacher.taps.embedding if Need.EMBEDDING in self.needs else "",
            "bf16": teacher.precision.bf16,
        }
        folder = self.job.derived("teacher-outputs", key, lambda empty: self._compute(teacher, moves, empty))
        bar.advance(1)
        return folder

    def _compute(self, teacher: Teacher, moves: Tensor, folder: Path) -> None:
        augmentation = Augmentation(self.augment)
        pixels = Pixels(self.job.dataset.normalisation, self.job.device)
        images = torch.from_numpy(self.job.data("train").x)
        logits, embeddings = [], []
        for start in range(0, len(images), CHUNK):
            x = augmentation.apply(images[start : start + CHUNK].to(self.job.device), moves[start : start + CHUNK])
            made = teacher(pixels(x), self.needs)
            logits.append(made.logits.cpu())
            if made.embedding is not None:
                embeddings.append(made.embedding.cpu())
        np.save(folder / "logits.npy", torch.cat(logits).numpy())
        if embeddings:
            np.save(folder / "embedding.npy", torch.cat(embeddings).numpy())


def _read(path: Path) -> Tensor:
    return torch.from_numpy(np.load(path, allow_pickle=False))
