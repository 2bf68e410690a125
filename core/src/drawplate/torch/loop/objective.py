# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""What is minimised."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812


@frozen(kw_only=True, eq=False)
class Batch:
    """One step's images."""

    x: Tensor
    """Normalised images as the model gets them, float (N, C, H, W)."""
    y: Tensor
    """Classes, int64 (N,)."""
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
        """Return what is minimised, a scalar averaged over the batch."""
        raise NotImplementedError

    def after_step(self, stage: Stage, batch: Batch, logits: Tensor, taps: Mapping[str, Tensor]) -> None:
        """Update memory after a step; called without gradients."""


class CrossEntropy(Objective):
    """Cross-entropy with label smoothing."""

    def __init__(self, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing

    def loss(self, _stage: Stage, batch: Batch, logits: Tensor, _taps: Mapping[str, Tensor]) -> Tensor:
        """Return the mean cross-entropy."""
        return F.cross_entropy(logits, batch.y, label_smoothing=self.label_smoothing)
