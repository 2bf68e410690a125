# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Memory banks with one entry per training sample, and negatives drawn from other classes."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from drawplate.errors import DataError


class Memory(nn.Module):
    """One unit vector per training sample, moved towards its latest embedding; part of the checkpoint."""

    def __init__(self, samples: int, width: int, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        bound = math.sqrt(3 / width)
        self.register_buffer("bank", torch.empty(samples, width).uniform_(-bound, bound))
        self.bank: Tensor

    def rows(self, index: Tensor) -> Tensor:
        """Return the entries of samples: [..., width]."""
        return self.bank[index]

    def update(self, index: Tensor, vectors: Tensor) -> None:
        """Move the entries of a batch: m = normalise(momentum * m + (1 - momentum) * v)."""
        moved = self.momentum * self.bank[index] + (1 - self.momentum) * vectors.detach()
        self.bank[index] = functional.normalize(moved, dim=1).to(self.bank.dtype)


class Negatives(nn.Module):
    """Draws, for each sample, K samples of other classes, uniformly with replacement.

    Samples are kept sorted by class, so that a draw from the other classes is a draw that jumps over one range.
    """

    def __init__(self, labels: Tensor, count: int) -> None:
        super().__init__()
        self.count = count
        sizes = torch.bincount(labels)
        if int(sizes.max()) == len(labels):
            raise DataError("all training samples are of one class: there are no negatives", where="method crd")
        ends = sizes.cumsum(0)
        for name, table in (
            ("order", labels.argsort(stable=True)),
            ("starts", (ends - sizes)[labels]),
            ("sizes", sizes[labels]),
        ):
            self.register_buffer(name, table, persistent=False)
        self.order: Tensor
        self.starts: Tensor
        self.sizes: Tensor

    def forward(self, index: Tensor) -> Tensor:
        """Return int64 [batch, K] sample indices, none of the class of the sample in that row."""
        start, size = self.starts[index, None], self.sizes[index, None]
        others = len(self.order) - size
        fraction = torch.rand(len(index), self.count, device=index.device, dtype=torch.float64)
        draw = (fraction * others).long().clamp(max=others - 1)
        return self.order[draw + size * (draw >= start)]
