# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Predictions and what they are worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from drawplate.data import Dataset, Normalisation, Split
from drawplate.metric import Metric, Source
from drawplate.task import judge
from drawplate.torch.module import OnnxModule


class Pixels(nn.Module):
    """Turns values into what a model is fed, as :meth:`drawplate.data.Normalisation.apply` does."""

    def __init__(self, normalisation: Normalisation, device: str) -> None:
        super().__init__()
        self.device = torch.device(device)
        factors = [torch.from_numpy(factor) for factor in normalisation.factors(1)]
        self.wide = [factor.to(device) for factor in factors]
        self.narrow = [factor.float().to(device) for factor in factors]

    def forward(self, x: Tensor) -> Tensor:
        """Return float32 of the same shape (N, ...), from any real type."""
        many = (-1, *(1,) * (x.ndim - 2))
        scale, shift = (factor.view(many) for factor in (self.narrow if x.dtype == torch.uint8 else self.wide))
        return x.to(scale.dtype, copy=True).mul_(scale).sub_(shift).float()


class Refeed(nn.Module):
    """Turns what one model is fed into what another is fed."""

    def __init__(self, given: Normalisation, wanted: Normalisation, device: str) -> None:
        super().__init__()
        self.same = (given.mean, given.std, given.scale) == (wanted.mean, wanted.std, wanted.scale)
        (scale, shift), (new_scale, new_shift) = given.factors(1), wanted.factors(1)
        ratio = new_scale / scale
        self.ratio = torch.from_numpy(ratio).float().to(device)
        self.shift = torch.from_numpy(shift * ratio - new_shift).float().to(device)

    def forward(self, x: Tensor) -> Tensor:
        """Return float32 of the same shape (N, ...)."""
        if self.same:
            return x
        many = (-1, *(1,) * (x.ndim - 2))
        return x * self.ratio.view(many) + self.shift.view(many)


def as_tensor(x: NDArray[Any]) -> Tensor:
    """Return values as a tensor of their own type; of 32 bits where torch can do little with 16 unsigned ones."""
    return torch.from_numpy(x.astype(np.int32) if x.dtype == np.uint16 else np.ascontiguousarray(x))


@torch.no_grad()
def predict(module: nn.Module, x: Tensor, pixels: Pixels, batch: int = 1000) -> Tensor:
    """Return outputs, float32 (N, ...), on the CPU, in evaluation mode.

    Args:
        module: the model.
        x: values of any real type, shape (N, ...).
        pixels: how they are normalised.
        batch: items at once.
    """
    was_training = module.training
    module.eval()
    device = pixels.device
    parts = [module(pixels(x[i : i + batch].to(device))).float().cpu() for i in range(0, len(x), batch)]
    module.train(was_training)
    return torch.cat(parts)


def evaluate(module: OnnxModule, split: Split, dataset: Dataset, batch: int = 1000) -> dict[str, Metric]:
    """Return the metrics of the data's task on a split, by name."""
    device = next((str(parameter.device) for parameter in module.parameters()), "cpu")
    fed = module.fed(dataset.normalisation)
    outputs = predict(module, as_tensor(split.x), Pixels(fed, device), batch)
    found = judge(outputs.numpy(), split, dataset, source=Source.MEASURED, output=module.output, normalisation=fed)
    return {metric.name: metric for metric in found}
