# SPDX-License-Identifier: Apache-2.0
"""The one training loop: ``fit`` runs it with cross-entropy, ``distill`` with losses of its own."""

from drawplate.torch.loop.augment import Augmentation
from drawplate.torch.loop.evaluate import as_tensor, evaluate, predict
from drawplate.torch.loop.objective import Batch, CrossEntropy, Objective, Stage
from drawplate.torch.loop.train import train
from drawplate.training import TrainOptions

__all__ = [
    "Augmentation",
    "Batch",
    "CrossEntropy",
    "Objective",
    "Stage",
    "TrainOptions",
    "as_tensor",
    "evaluate",
    "predict",
    "train",
]
