# SPDX-License-Identifier: Apache-2.0
"""The one training loop: ``fit`` runs it with the task's loss, ``distill`` with losses of its own."""

from drawplate.torch.loop.augment import Augmentation
from drawplate.torch.loop.evaluate import Refeed, as_tensor, evaluate, predict
from drawplate.torch.loop.objective import Batch, Objective, Stage, TaskLoss, task_loss
from drawplate.torch.loop.train import train
from drawplate.training import TrainOptions

__all__ = [
    "Augmentation",
    "Batch",
    "Objective",
    "Refeed",
    "Stage",
    "TaskLoss",
    "TrainOptions",
    "as_tensor",
    "evaluate",
    "predict",
    "task_loss",
    "train",
]
