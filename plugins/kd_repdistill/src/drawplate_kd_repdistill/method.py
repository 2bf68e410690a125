# SPDX-License-Identifier: Apache-2.0
"""What a distillation method is: the one shape that every method, ours or a third party's, has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from drawplate.task import Kind

if TYPE_CHECKING:
    from torch import Tensor

    from drawplate_kd_repdistill.loss import DistillationLoss

MapShape = tuple[int, int, int]
"""Channels, height and width of a feature map."""


class Need(StrEnum):
    """What a method looks at, in student and teacher alike."""

    LOGITS = "logits"
    """The outputs: one logit per class, unless the method says that it is made for other tasks."""
    EMBEDDING = "embedding"
    """The input of the classifier: one vector a sample."""
    STAGES = "stages"
    """One feature map per resolution stage, after its activation."""
    PREACTIVATIONS = "preactivations"
    """The same maps before their activation."""


def _set_of(needs: Iterable[Need]) -> frozenset[Need]:
    return frozenset(needs)


@frozen(kw_only=True)
class Shapes:
    """Shapes of what is tapped in one network, without the batch dimension."""

    classes: int
    embedding: int = 0
    """Length of the embedding; 0 where it is not tapped."""
    stages: tuple[MapShape, ...] = ()
    """Of the maps tapped, from the input on; a hidden layer of a perceptron is a map of 1 x 1."""


@frozen(kw_only=True)
class Setting:
    """What a loss is built for: tapped shapes, labels and the length of the training."""

    student: Shapes
    teacher: Shapes
    """Has as many stages as ``student``: they are paired one to one before."""
    labels: Tensor
    """What the task wants of every training sample, by its index: classes, int64 [samples], or numbers."""
    epochs: int = 1
    task: Kind = Kind.CLASSIFICATION


@frozen(kw_only=True)
class Method:
    """One distillation method, as the ``distillation_methods`` hook returns it.

    The loss of a training step is ``gamma * CE + alpha * sum(weight_m * L_m)``: see ``docs/steps/distillation.md``.
    """

    summary: str
    source: str
    """Paper (and equation) that the loss is from."""
    options: type
    """Frozen attrs class of the hyper-parameters, each declared with ``option``."""
    build: Callable[[Any, Setting], DistillationLoss]
    """Makes the loss, with its auxiliary layers, for tapped shapes."""
    needs: frozenset[Need] = field(converter=_set_of)
    weight: float = 1.0
    """Published weight of the loss, used where the flow gives none."""
    alpha: float = 1.0
    """Published alpha where the method is used alone."""
    gamma: float | None = 1.0
    """Published weight of the cross-entropy where the method is used alone; None for 1 - alpha."""
    spatial: bool = False
    """Whether the loss says nothing about maps of 1 x 1, so that it refuses them."""
    equal_channels: bool = False
    """Whether paired maps must have the same number of channels."""
    consecutive: bool = False
    """Whether the loss compares each stage with the next, so that it needs two."""
    tasks: frozenset[Kind] | None = None
    """Tasks that the loss is made for; where nothing is said, classification for one of logits, and all for one of
    features."""

    def made_for(self, task: Kind) -> bool:
        """Whether the loss means something for a task."""
        if self.tasks is not None:
            return task in self.tasks
        return task is Kind.CLASSIFICATION or Need.LOGITS not in self.needs
