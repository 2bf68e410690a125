# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Batches of one epoch, out of whole sets that lie in memory in their own type."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from attrs import frozen
from torch import Tensor

from drawplate.data import Split
from drawplate.torch.loop.augment import Augmentation
from drawplate.torch.loop.evaluate import Pixels, as_tensor
from drawplate.torch.loop.objective import Batch


def epoch_seed(seed: int, stage: int, epoch: int) -> int:
    """Return the seed of everything random in one epoch: an epoch repeats itself after a kill."""
    return int(np.random.SeedSequence([seed, stage, epoch]).generate_state(1)[0])


@frozen(kw_only=True, eq=False)
class Batches:
    """Makes the batches of any epoch."""

    x: Tensor
    y: Tensor
    size: int
    augmentation: Augmentation
    views: Tensor | None
    pixels: Pixels

    @classmethod
    def of(cls, split: Split, pixels: Pixels, size: int, augmentation: Augmentation, views: Tensor | None) -> Batches:
        """Move a split to the device of its normalisation."""
        device = pixels.device
        x, y = as_tensor(np.array(split.x)), torch.from_numpy(split.y)
        return cls(x=x.to(device), y=y.to(device), size=size, augmentation=augmentation, views=views, pixels=pixels)

    def __len__(self) -> int:
        # A last batch of one image has no batch statistics: it is left out.
        return len(self.y) // self.size + (len(self.y) % self.size > 1)

    def epoch(self, seed: int, epoch: int) -> Iterator[Batch]:
        """Yield all batches in a random order that the seed decides."""
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.y), generator=generator)
        for start in range(0, len(self) * self.size, self.size):
            index = order[start : start + self.size]
            x, view = self._augmented(index, generator)
            yield Batch(x=self.pixels(x), y=self.y[index], index=index, view=view, epoch=epoch)

    def _augmented(self, index: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
        x = self.x.index_select(0, index.to(self.x.device))  # whole items at once; x[index] goes value by value
        if self.views is not None:
            view = torch.randint(0, len(self.views), (len(index),), generator=generator)
            return self.augmentation.apply(x, self.views[view, index]), view
        if self.augmentation.kind == "none":
            return x, None
        return self.augmentation.apply(x, self.augmentation.draw(len(index), generator)), None
