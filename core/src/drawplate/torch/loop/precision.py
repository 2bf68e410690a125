# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""In which number format a model is trained, and how its images lie in memory."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from drawplate.processor import gains_from_bf16


@frozen
class Precision:
    """Number format and memory layout of a training."""

    device: str
    bf16: bool
    channels_last: bool

    @property
    def name(self) -> str:
        """As notes write it."""
        return "bfloat16, parameters in float32" if self.bf16 else "float32"

    def autocast(self) -> AbstractContextManager[Any]:
        """Compute in bfloat16 inside, where chosen; parameters stay in float32."""
        if not self.bf16:
            return nullcontext()
        return torch.autocast(self.device.partition(":")[0], dtype=torch.bfloat16)

    def layout(self, x: Tensor) -> Tensor:
        """Bring images to the chosen memory layout."""
        return x.contiguous(memory_format=torch.channels_last) if self.channels_last else x


def choose(name: str, module: nn.Module, device: str) -> Precision:
    """Choose for a model.

    Args:
        name: ``fp32`` or ``bf16``; ``auto`` for what this machine gains from.
        module: the model.
        device: where it is trained.
    """
    shapes = [tuple(parameter.shape) for parameter in module.parameters()]
    bf16 = gains_from_bf16(shapes, device) if name == "auto" else name == "bf16"
    return Precision(device, bf16=bf16, channels_last=any(len(shape) == 4 for shape in shapes))
