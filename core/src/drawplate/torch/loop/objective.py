# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""What is minimised."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from drawplate.task.task import Kind, Loss, Task


@frozen(kw_only=True, eq=False)
class Batch:
    """One step's images."""

    x: Tensor
    """Normalised images as the model gets them, float (N, C, H, W)."""
    y: Tensor
    """What the task wants: classes, int64 (N,); labels or numbers, float (N, ...)."""
    index: Tensor
    """Which training images they are, int64 (N,), on the CPU."""
    view: Tensor | None
    """Which fixed view of each image, int64 (N,), on the CPU; None where views are drawn afresh."""
    epoch: int
    """Counted from 0 within the stage."""


@frozen(kw_only=True)
class Stage:
    """A part of training with its own optimiser and schedule."""

    name: str
    epochs: int
    trains_model: bool = True
    """Whether the model is trained, or only the objective's parameters while the model is in evaluation mode."""
    lr_factor: float = 1.0
    """What the learning rate is multiplied with."""


class Objective(nn.Module):
    """A loss, with whatever it needs.

    Its parameters are trained with the model but never exported; its buffers (memory banks) travel in the
    checkpoint.  ``train()`` and ``eval()`` reach it with the model.
    """

    taps: tuple[str, ...] = ()
    """Values of the model's graph that :meth:`loss` wants, by name."""
    views: int = 0
    """Number of fixed augmentation views; 0 draws a new one at every step."""

    def stages(self, epochs: int) -> tuple[Stage, ...]:
        """Return the stages of training, the main one last.

        Args:
            epochs: of the main stage, as the flow says.
        """
        return (Stage(name="train", epochs=epochs),)

    def start(self, stage: Stage) -> None:
        """Prepare for a stage: called before its first epoch, and again when training resumes within it."""

    def loss(self, stage: Stage, batch: Batch, logits: Tensor, taps: Mapping[str, Tensor]) -> Tensor:
        """Return what is minimised, a scalar averaged over the batch.

        ``logits`` are the model's outputs; of a classifier those before a Softmax or Sigmoid at its end.
        """
        raise NotImplementedError

    def after_step(self, stage: Stage, batch: Batch, logits: Tensor, taps: Mapping[str, Tensor]) -> None:
        """Update memory after a step; called without gradients."""


class TaskLoss(Objective):
    """The loss of a task alone."""

    def __init__(self, task: Task, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.task = task
        self.label_smoothing = label_smoothing

    def loss(self, _stage: Stage, batch: Batch, logits: Tensor, _taps: Mapping[str, Tensor]) -> Tensor:
        """Return the mean loss."""
        return task_loss(self.task, logits, batch, self.label_smoothing)


def task_loss(task: Task, outputs: Tensor, batch: Batch, label_smoothing: float = 0.0) -> Tensor:
    """Return the loss of a task, a mean over the batch.

    Args:
        task: what the model is for.
        outputs: of the model, (N, ...): logits where it classifies.
        batch: classes, labels or numbers; what is reconstructed is the batch's input itself.
        label_smoothing: of classes and labels.
    """
    rows = outputs.flatten(1) if outputs.ndim > 1 else outputs[:, None]
    match task.loss:
        case Loss.CROSS_ENTROPY:
            return F.cross_entropy(rows, batch.y, label_smoothing=label_smoothing)
        case Loss.BINARY_CROSS_ENTROPY:
            wanted = batch.y.reshape(rows.shape).to(rows.dtype)
            return F.binary_cross_entropy_with_logits(rows, wanted * (1 - label_smoothing) + label_smoothing / 2)
        case Loss.SQUARED_ERROR:
            target = batch.x if task.kind is Kind.RECONSTRUCTION else batch.y
            return F.mse_loss(rows, target.reshape(rows.shape).to(rows.dtype))
