# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Predictions and accuracy."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from drawplate.data import Normalisation, Split


class Pixels(nn.Module):
    """Turns uint8 images into what a model is fed: ``(pixel / 255 - mean) / std``."""

    def __init__(self, normalisation: Normalisation, device: str) -> None:
        super().__init__()
        mean, std = torch.tensor(normalisation.mean), torch.tensor(normalisation.std)
        self.scale = (1 / (255 * std)).to(device)[:, None, None]
        self.shift = (mean / std).to(device)[:, None, None]

    def forward(self, x: Tensor) -> Tensor:
        """Return float32 of the same shape."""
        return x.float() * self.scale - self.shift


@torch.no_grad()
def predict(module: nn.Module, x: Tensor, pixels: Pixels, batch: int = 1000) -> Tensor:
    """Return logits, float32 (N, classes), on the CPU, in evaluation mode.

    Args:
        module: the model.
        x: uint8 (N, C, H, W).
        pixels: how they are normalised.
        batch: images at once.
    """
    was_training = module.training
    module.eval()
    device = pixels.scale.device
    parts = [module(pixels(x[i : i + batch].to(device))).float().cpu() for i in range(0, len(x), batch)]
    module.train(was_training)
    return torch.cat(parts)


def evaluate(module: nn.Module, split: Split, normalisation: Normalisation, batch: int = 1000) -> float:
    """Return the top-1 accuracy in percent."""
    device = next((str(parameter.device) for parameter in module.parameters()), "cpu")
    logits = predict(module, torch.from_numpy(split.x), Pixels(normalisation, device), batch)
    return 100.0 * (logits.argmax(1) == torch.from_numpy(split.y)).float().mean().item()
