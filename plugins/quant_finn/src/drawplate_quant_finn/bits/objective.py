# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""The task's loss and the price of the widths; the widths are settled before the last part of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from drawplate.task import Task
from drawplate.torch.loop import Batch, Objective, Stage, task_loss
from drawplate_quant_finn.bits.learned import Width
from drawplate_quant_finn.bits.price import Price

SEARCH, SETTLE = "widths", "train"
RISE = 0.005
"""How fast the price of a cost above the budget rises, per step (the multiplier of a constrained problem)."""


class PricedLoss(Objective):
    """Loss + multiplier * (cost / budget - 1), where the multiplier rises while the cost is above the budget.

    Args:
        task: of the data.
        widths: all of them.
        price: of widths.
        budget: cost that is aimed at.
        epochs: in which widths are trained, before those of the main stage.
        label_smoothing: of classes and labels.
    """

    def __init__(
        self, task: Task, widths: Sequence[Width], price: Price, budget: float, epochs: int, label_smoothing: float
    ) -> None:
        super().__init__()
        self.task, self.widths, self.price, self.label_smoothing = task, widths, price, label_smoothing
        self.budget, self.epochs = budget, epochs
        self.multiplier: Tensor
        self.register_buffer("multiplier", torch.zeros(()))

    def stages(self, epochs: int) -> tuple[Stage, ...]:
        """Train widths and weights, then weights alone."""
        return Stage(name=SEARCH, epochs=self.epochs), Stage(name=SETTLE, epochs=epochs)

    def start(self, stage: Stage) -> None:
        """Settle the widths before weights alone are trained: whole numbers that cost no more than the budget."""
        if stage.name == SETTLE:
            settle(self.widths, self.price, self.budget)

    def loss(self, stage: Stage, batch: Batch, logits: Tensor, _taps: Mapping[str, Tensor]) -> Tensor:
        """Return the mean loss, and what the widths cost beyond the budget."""
        found = task_loss(self.task, logits, batch, self.label_smoothing)
        if stage.name == SETTLE:
            return found
        return found + self.multiplier * (self.price.of(self._values()) / self.budget - 1)

    def after_step(self, stage: Stage, _batch: Batch, _logits: Tensor, _taps: Mapping[str, Tensor]) -> None:
        """Raise the multiplier where the cost is above the budget, lower it where below."""
        if stage.name == SEARCH:
            for width in self.widths:
                width.put(float(width.bits.detach()))
            beyond = self.price.of(self._values()) / self.budget - 1
            self.multiplier.add_(RISE * beyond).clamp_(min=0)

    def _values(self) -> dict[str, Tensor]:
        return {width.name: width.bits for width in self.widths}


def settle(widths: Sequence[Width], price: Price, budget: float) -> None:
    """Round widths, and take bits off where the rounded network costs more than the budget, the most per bit first.

    A width that was only just rounded up is the first candidate among equals; what is settled stays as it is.
    """
    wished = {width.name: float(width.bits.detach()) for width in widths}
    for width in widths:
        width.put(width.whole())
        width.settled = True

    def cost(of: Mapping[str, float]) -> float:
        return float(price.of({name: torch.tensor(value) for name, value in of.items()}))

    whole = {width.name: float(width.whole()) for width in widths}
    while cost(whole) > budget:
        lower = [width for width in widths if whole[width.name] > width.least]
        if not lower:
            return
        gains = {
            width.name: (cost(whole) - cost({**whole, width.name: whole[width.name] - 1}))
            / (1 + max(0.0, wished[width.name] - (whole[width.name] - 1)))
            for width in lower
        }
        name = max(gains, key=lambda found: gains[found])
        whole[name] -= 1
    for width in widths:
        width.put(whole[width.name])
