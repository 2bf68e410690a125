# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""The base class of every method's loss, and what it is given at each step."""

from __future__ import annotations

from attrs import frozen
from torch import Tensor, nn


@frozen(kw_only=True, eq=False)
class Activations:
    """What one network computed for a batch; only what the methods in use need is filled in."""

    logits: Tensor
    """[batch, classes], before any softmax."""
    embedding: Tensor | None = None
    """[batch, width]."""
    stages: tuple[Tensor, ...] = ()
    """[batch, channels, height, width] each, paired between student and teacher."""
    preactivations: tuple[Tensor, ...] = ()
    """As ``stages``, before the activation."""


@frozen(kw_only=True, eq=False)
class Batch:
    """What is known of a batch besides activations."""

    labels: Tensor
    """int64 [batch]."""
    index: Tensor
    """int64 [batch]: which training samples these are, whatever their order in the epoch."""
    epoch: int = 0
    """Counted from 0 within the stage of training."""


class DistillationLoss(nn.Module):
    """One method's loss with its auxiliary layers.

    Parameters are trained with the student, buffers (memory banks) travel in the checkpoint, and neither ever
    reaches the exported graph.  Teacher activations carry no gradient.
    """

    pretrain_epochs: int = 0
    """Length of the method's own stage before the main one; 0 for none."""
    pretrains_student: bool = False
    """Whether that stage trains the student too, or only the auxiliary layers."""

    def forward(self, student: Activations, teacher: Activations, batch: Batch) -> Tensor:
        """Return the loss of the main stage: a scalar, averaged over the batch."""
        raise NotImplementedError

    def pretrain(self, student: Activations, teacher: Activations, batch: Batch) -> Tensor:
        """Return the loss of the method's own stage; only called where ``pretrain_epochs`` is positive."""
        raise NotImplementedError

    def end_pretraining(self) -> None:
        """Freeze what only that stage trains."""

    def remember(self, student: Activations, teacher: Activations, batch: Batch) -> None:
        """Update memory after a step of the main stage; called without gradients."""
