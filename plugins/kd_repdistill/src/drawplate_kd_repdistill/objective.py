# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""The training loop's objective: the task's loss and a weighted sum of methods, with their own stages before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import torch
from torch import Tensor, nn

from drawplate.torch.loop import Batch, Objective, Stage, task_loss
from drawplate_kd_repdistill.arrangement import Arrangement
from drawplate_kd_repdistill.loss import Activations, DistillationLoss
from drawplate_kd_repdistill.loss import Batch as Samples
from drawplate_kd_repdistill.method import Setting
from drawplate_kd_repdistill.tapped import read_activations, value_names

Source = Callable[[Batch], Activations]
"""Says what the teachers make of a batch."""
MAIN = "train"


class Distillation(Objective):
    """``gamma * (the task's loss) + alpha * sum(weight * loss)``; see ``docs/steps/distillation.md``.

    Args:
        arrangement: loss, taps and views.
        losses: one per part of the mixture.
        source: the teachers, outside of this module, so that no checkpoint holds them.
        label_smoothing: of the task's loss.
    """

    def __init__(
        self, arrangement: Arrangement, losses: list[DistillationLoss], source: Source, label_smoothing: float
    ) -> None:
        super().__init__()
        self.mixture = arrangement.mixture
        self.task = arrangement.task
        self.student_taps = arrangement.pairing.student
        self.losses = nn.ModuleList(losses)
        self.source = source
        self.label_smoothing = label_smoothing
        self.taps = value_names(self.student_taps, self.mixture.needs)
        self.views = arrangement.views
        self._seen: tuple[Activations, Activations, Samples] | None = None

    def stages(self, epochs: int) -> tuple[Stage, ...]:
        """Return the methods' own stages, in the order of the sum, and the main one."""
        own = (
            Stage(name=part.name, epochs=loss.pretrain_epochs, trains_model=loss.pretrains_student)
            for part, loss in zip(self.mixture.parts, self._losses(), strict=True)
            if loss.pretrain_epochs
        )
        return (*own, Stage(name=MAIN, epochs=epochs))

    def start(self, stage: Stage) -> None:
        """Freeze what only finished stages train."""
        for part, loss in zip(self.mixture.parts, self._losses(), strict=True):
            if stage.name == part.name:
                return
            if loss.pretrain_epochs:
                loss.end_pretraining()

    def loss(self, stage: Stage, batch: Batch, logits: Tensor, taps: Mapping[str, Tensor]) -> Tensor:
        """Return what the stage minimises."""
        student = read_activations(logits, taps, self.student_taps, self.mixture.needs)
        teacher = self.source(batch)
        samples = Samples(labels=batch.y, index=batch.index.to(batch.y.device), epoch=batch.epoch)
        self._seen = student, teacher, samples
        if stage.name != MAIN:
            return self._pretrain(stage.name, student, teacher, samples)
        total = logits.new_zeros(())
        for part, loss in zip(self.mixture.parts, self._losses(), strict=True):
            total = total + part.weight * loss(student, teacher, samples)
        total = self.mixture.alpha * total
        if self.mixture.gamma:
            own = task_loss(self.task, logits, batch, self.label_smoothing)
            total = total + self.mixture.gamma * own
        return total

    def after_step(self, stage: Stage, _batch: Batch, _logits: Tensor, _taps: Mapping[str, Tensor]) -> None:
        """Let methods update their memories."""
        if self._seen and stage.name == MAIN:
            for loss in self._losses():
                loss.remember(*self._seen)
        self._seen = None

    def _pretrain(self, name: str, student: Activations, teacher: Activations, samples: Samples) -> Tensor:
        for part, loss in zip(self.mixture.parts, self._losses(), strict=True):
            if part.name == name:
                return part.weight * loss.pretrain(student, teacher, samples)
        raise KeyError(name)

    def _losses(self) -> list[DistillationLoss]:
        return [cast("DistillationLoss", loss) for loss in self.losses]


def build_losses(arrangement: Arrangement, labels: Tensor, epochs: int, seed: int) -> list[DistillationLoss]:
    """Build every method's loss for the tapped shapes; auxiliary layers and memories follow from the seed."""
    student, teacher = arrangement.pairing.shapes()
    setting = Setting(student=student, teacher=teacher, labels=labels, epochs=epochs, task=arrangement.task.kind)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return [part.method.build(part.options, setting) for part in arrangement.mixture.parts]
