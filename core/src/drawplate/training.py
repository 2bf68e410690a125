# SPDX-License-Identifier: Apache-2.0
"""Options of training.  Importing this loads no torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs
from attrs import frozen

from drawplate.errors import FlowError
from drawplate.options import option
from drawplate.processor import gains_from_bf16
from drawplate.task.task import Loss, Task

if TYPE_CHECKING:
    from drawplate.artifact import Artifact
    from drawplate.data import Split


@frozen(kw_only=True)
class TrainOptions:
    """How a model is trained, whatever its loss."""

    epochs: int = option("Passes over the training images.", default=20, at_least=1)
    images: int | None = option(
        "How many of the training images are used, the first ones; all where left out.", default=None, at_least=2
    )
    batch: int = option("Images per step.", default=128, at_least=2)
    optimizer: str = option("Optimiser.", default="adam", choices=("sgd", "adam", "adamw"))
    lr: float = option("Highest learning rate.", default=1e-3, above=0)
    momentum: float = option("Momentum of sgd.", default=0.9, at_least=0, below=1)
    weight_decay: float = option("Weight decay.", default=0.0, at_least=0)
    schedule: str = option(
        "Learning rate over the epochs.", default="cosine", choices=("cosine", "step", "onecycle", "constant")
    )
    milestones: tuple[int, ...] = option(
        "Epochs after which 'step' divides the rate by 10; 62, 75 and 87 % of the epochs where left out.",
        default=(),
        at_least=1,
    )
    warmup: int = option("Epochs in which the rate rises from 0.", default=0, at_least=0)
    label_smoothing: float = option("Label smoothing of the cross-entropy.", default=0.0, at_least=0, below=1)
    augment: str = option(
        "crop-flip: shifts by up to 4 pixels and mirrors; crop: shifts only.",
        default="none",
        choices=("none", "crop", "crop-flip"),
    )
    precision: str = option(
        "auto takes bf16 for convolutional models where the processor gains from it; results say which it was.",
        default="auto",
        choices=("auto", "fp32", "bf16"),
    )
    threads: int = option(
        "Threads of one operator on a CPU. The last bits of a result depend on their number, so no machine chooses.",
        default=1,
        at_least=1,
        at_most=1024,
    )
    select: str = option(
        "Which weights are kept: the best on validation, or the last.", default="best", choices=("best", "last")
    )
    early_stop: int | None = option(
        "Stop after so many epochs without a better validation accuracy.", default=None, at_least=1
    )
    snapshots: tuple[int, ...] = option(
        "Epochs after which the accuracy on the test split is recorded; it never chooses.", default=(), at_least=1
    )

    @property
    def notes(self) -> tuple[str, ...]:
        """What of these options a training of so many epochs never comes to."""
        late = {
            "milestones": [epoch for epoch in self.milestones if epoch >= self.epochs and self.schedule == "step"],
            "snapshots": [epoch for epoch in self.snapshots if epoch > self.epochs],
            "warmup": [self.warmup] if self.warmup >= self.epochs else [],
        }
        return tuple(
            f"{name} {', '.join(map(str, epochs))}: never reached in {self.epochs} epoch{'s' * (self.epochs > 1)}"
            for name, epochs in late.items()
            if epochs
        )

    def check(self, task: Task) -> None:
        """Refuse options that mean nothing for a task.

        Raises:
            FlowError: naming the option.
        """
        if self.label_smoothing and task.loss is Loss.SQUARED_ERROR:
            raise FlowError(
                f"label_smoothing is {self.label_smoothing:g}, but the data's task is {task.kind}, which has no labels",
                where="option 'label_smoothing'",
                hint="leave it out",
            )

    def resolved(self, model: Artifact, device: str) -> Self:
        """Return them with what this machine chooses in place of ``auto``."""
        if self.precision != "auto":
            return self
        shapes = (tuple(tensor.dims) for tensor in model.proto().graph.initializer)
        return attrs.evolve(self, precision="bf16" if gains_from_bf16(shapes, device) else "fp32")

    def part(self, split: Split) -> Split:
        """Return the images that are trained on.

        Raises:
            FlowError: when there are not as many as ``images`` says, ``augment`` is for pictures and they are none, or
                there are fewer than two.
        """
        if self.augment != "none" and split.x.ndim != 4:
            raise FlowError(
                f"is {self.augment!r}, but items have shape {list(split.x.shape[1:])}",
                where="option 'augment'",
                allowed='"none"; others are for pictures, [channels, height, width]',
            )
        if len(split) < 2:
            raise FlowError(f"there are {len(split)} training items", where="[data]", allowed="at least 2")
        if self.images is None:
            return split
        if self.images > len(split):
            raise FlowError(
                f"is {self.images:,}", where="option 'images'", allowed=f"at most {len(split):,}, the training images"
            )
        return attrs.evolve(split, x=split.x[: self.images], y=split.y[: self.images])
