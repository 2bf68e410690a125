# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Tiny activations in float64, and what builds a method's loss for them."""

from __future__ import annotations

import pytest
import torch

from drawplate_kd_repdistill.loss import Activations, Batch
from drawplate_kd_repdistill.method import Setting, Shapes
from drawplate_kd_repdistill.methods import own_methods


class Scene:
    """A batch of 6 of 12 samples with 5 classes, and two networks of two stages with other shapes."""

    student_shapes = Shapes(classes=5, embedding=4, stages=((3, 6, 6), (4, 3, 3)))
    teacher_shapes = Shapes(classes=5, embedding=7, stages=((5, 6, 6), (6, 4, 4)))

    def __init__(self, *, equal_channels: bool = False) -> None:
        generator = torch.Generator().manual_seed(7)
        if equal_channels:
            self.teacher_shapes = Shapes(classes=5, embedding=7, stages=((3, 6, 6), (4, 4, 4)))
        self.labels = torch.tensor([0, 1, 2, 3, 4, 1, 0, 2, 2, 4, 3, 1])
        index = torch.tensor([3, 0, 8, 5, 11, 6])
        self.batch = Batch(labels=self.labels[index], index=index, epoch=0)
        self.student = self._activations(self.student_shapes, generator)
        self.teacher = self._activations(self.teacher_shapes, generator)

    def _activations(self, shapes: Shapes, generator: torch.Generator) -> Activations:
        def draw(*shape: int) -> torch.Tensor:
            return torch.randn(6, *shape, generator=generator, dtype=torch.float64)

        before = tuple(draw(*shape) for shape in shapes.stages)
        return Activations(
            logits=2 * draw(shapes.classes),
            embedding=draw(shapes.embedding),
            stages=tuple(maps.relu() for maps in before),
            preactivations=before,
        )

    def build(self, name: str, **options: object):
        """Return a method's loss in float64, in training mode, its auxiliary layers drawn with a fixed seed."""
        torch.manual_seed(3)
        method = own_methods()[name]
        setting = Setting(student=self.student_shapes, teacher=self.teacher_shapes, labels=self.labels, epochs=1)
        return method.build(method.options(**options), setting).double()

    def loss(self, name: str, **options: object) -> float:
        """Return the value of a method's loss on this scene."""
        return self.build(name, **options)(self.student, self.teacher, self.batch).item()


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def equal_scene() -> Scene:
    """Both networks with the same channels, as fsp and kdsvd need."""
    return Scene(equal_channels=True)
