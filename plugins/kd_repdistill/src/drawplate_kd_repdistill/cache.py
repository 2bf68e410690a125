# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Teachers computed once: outputs for fixed views of every image, found again by sample index."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from attrs import frozen
from torch import Tensor

from drawplate.artifact import Artifact
from drawplate.data import as_record, normalisation_of
from drawplate.job import Job
from drawplate.reporter import Progress
from drawplate.torch.loop import Augmentation, Batch
from drawplate.torch.loop.evaluate import Pixels
from drawplate_kd_repdistill.loss import Activations
from drawplate_kd_repdistill.method import Need
from drawplate_kd_repdistill.teachers import Teacher, mean_logits

CHUNK = 256
"""Images at once."""
_Outputs = dict[str, Tensor]
"""By name, float32 [samples, classes or width]."""


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
    shifts and mirrors of the view, the number format and the value.  Its rows are samples, by their index.
    """

    job: Job
    images: Tensor
    """[samples, ...] as the data come: the first training items, or all."""
    augment: str
    views: int
    needs: frozenset[Need]

    def load(
        self, artifacts: Sequence[Artifact], teachers: Sequence[Teacher], shares: tuple[float, ...]
    ) -> CachedTeachers:
        """Return all views of all teachers; what is not in the store is computed now, view by view."""
        moves = Augmentation(self.augment).views(self.views, len(self.images), self.job.seed)
        found: list[list[_Outputs]] = []
        with self.job.progress(f"{self.job.step}: teachers", len(artifacts) * self.views) as bar:
            for artifact, teacher in zip(artifacts, teachers, strict=True):
                found.append([self._view(artifact, teacher, moves[view], bar) for view in range(self.views)])
        logits = [torch.stack([view["logits"] for view in each]) for each in found]
        return CachedTeachers(
            logits=mean_logits(logits, shares) if len(logits) > 1 else logits[0],
            embedding=torch.stack([view["embedding"] for view in found[0]]) if Need.EMBEDDING in self.needs else None,
            device=self.job.device,
        )

    def _view(self, artifact: Artifact, teacher: Teacher, moves: Tensor, bar: Progress) -> _Outputs:
        dataset = self.job.dataset
        key = {
            "data": dataset.digest,
            "normalisation": as_record(normalisation_of(artifact.proto()) or dataset.normalisation),
            "teacher": artifact.digest,
            "moves": hashlib.sha256(moves.numpy().tobytes()).hexdigest(),
            "bf16": teacher.precision.bf16,
            "threads": torch.get_num_threads(),
        }
        values = {"logits": "scores" if teacher.scores else "outputs"}
        if Need.EMBEDDING in self.needs:
            values["embedding"] = f"embedding {teacher.taps.embedding}"
        # One forward pass fills all entries that are missing; logits are found by methods without embeddings too.
        compute = functools.cache(lambda: self._compute(teacher, moves))
        found = {
            name: _read(self.job.derived("teacher-outputs", key | {"value": value}, _writer(compute, name)))
            for name, value in values.items()
        }
        bar.advance(1)
        return found

    def _compute(self, teacher: Teacher, moves: Tensor) -> _Outputs:
        augmentation = Augmentation(self.augment)
        pixels = Pixels(teacher.network.fed(self.job.dataset.normalisation), self.job.device)
        logits, embeddings = [], []
        for start in range(0, len(self.images), CHUNK):
            part = slice(start, start + CHUNK)
            x = augmentation.apply(self.images[part].to(self.job.device), moves[part])
            made = teacher(pixels(x), self.needs)
            logits.append(made.logits.cpu())
            if made.embedding is not None:
                embeddings.append(made.embedding.cpu())
        outputs = {"logits": torch.cat(logits)}
        return outputs | {"embedding": torch.cat(embeddings)} if embeddings else outputs


def _writer(compute: Callable[[], _Outputs], name: str) -> Callable[[Path], None]:
    return lambda folder: np.save(folder / "values.npy", compute()[name].numpy())


def _read(folder: Path) -> Tensor:
    return torch.from_numpy(np.load(folder / "values.npy", allow_pickle=False))
