# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Shifts and mirrors of whole batches of pictures."""

from __future__ import annotations

import torch
from attrs import frozen
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

PAD = 4
"""Largest shift in pixels (He et al. 2016, section 4.2)."""


@frozen
class Augmentation:
    """``none``, ``crop`` or ``crop-flip``."""

    kind: str

    def draw(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw shifts and mirrors.

        Returns:
            int64 (count, 3): rows of vertical and horizontal shift in 0..8, and 0 or 1 for mirrored.
        """
        shifts = 2 * PAD + 1
        # A range that both 9 shifts and 2 mirrors divide, so that every remainder is equally likely.
        moves = torch.randint(0, 2 * shifts, (count, 3), generator=generator)
        moves[:, :2] %= shifts
        moves[:, 2] = moves[:, 2] % 2 if self.kind == "crop-flip" else 0
        if self.kind == "none":
            moves[:, :2] = PAD
        return moves

    def views(self, views: int, count: int, seed: int) -> Tensor:
        """Draw fixed views, the same for the same arguments: what cached teacher outputs belong to.

        Returns:
            int64 (views, count, 3), as :meth:`draw`; view 0 is the image as it is.
        """
        generator = torch.Generator().manual_seed(seed)
        drawn = self.draw(views * count, generator).reshape(views, count, 3)
        drawn[0] = torch.tensor([PAD, PAD, 0])
        return drawn

    def apply(self, x: Tensor, moves: Tensor) -> Tensor:
        """Shift and mirror.

        Args:
            x: any real type, (N, C, H, W).
            moves: as :meth:`draw` gives them.
        """
        if self.kind == "none":
            return x
        count, channels, height, width = x.shape
        moves = moves.to(x.device)
        rows = moves[:, 0, None] + torch.arange(height, device=x.device)
        columns = torch.arange(width, device=x.device).expand(count, width)
        columns = torch.where(moves[:, 2, None].bool(), columns.flip(1), columns) + moves[:, 1, None]
        padded = F.pad(x, [PAD] * 4).reshape(count, channels, -1)
        places = (rows[:, :, None] * (width + 2 * PAD) + columns[:, None, :]).reshape(count, 1, -1)
        return padded.gather(2, places.expand(-1, channels, -1)).reshape(x.shape)
