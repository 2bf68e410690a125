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
RISE, STIFFNESS = 0.05, 5.0
"""How fast the multiplier rises with the cost above what is allowed, per step, and what it is beside for that cost."""
DESCENT = 0.8
"""Part of the search in which the cost allowed comes down from the given model's to the budget."""


class PricedLoss(Objective):
    """Loss + multiplier * log(cost / allowed), where the multiplier rises while the cost is above what is allowed.

    What is allowed comes down step by step from the given model's cost to the budget, so that the loss decides which
    widths go first.

    Args:
        task: of the data.
        widths: all of them.
        price: of widths.
        budget: cost that is aimed at.
        epochs: in which widths are trained, before those of the main stage.
        steps: of one epoch.
        label_smoothing: of classes and labels.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what is weighed against what
        self,
        task: Task,
        widths: Sequence[Width],
        price: Price,
        budget: float,
        epochs: int,
        steps: int,
        label_smoothing: float,
    ) -> None:
        super().__init__()
        self.task, self.widths, self.price, self.label_smoothing = task, widths, price, label_smoothing
        self.budget, self.epochs, self.steps = budget, epochs, epochs * steps
        self.given = float(price.of({width.name: torch.tensor(float(width.given)) for width in widths}))
        self.multiplier: Tensor
        self.done: Tensor
        self.register_buffer("multiplier", torch.zeros(()))
        self.register_buffer("done", torch.zeros(()))

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
        beyond = self._beyond()
        return found + (self.multiplier + STIFFNESS * beyond.detach().clamp(min=0)) * beyond

    def after_step(self, stage: Stage, _batch: Batch, _logits: Tensor, _taps: Mapping[str, Tensor]) -> None:
        """Raise the multiplier where the cost is above the budget, lower it where below."""
        if stage.name == SEARCH:
            for width in self.widths:
                width.put(float(width.bits.detach()))
            self.done.add_(1)
            self.multiplier.add_(RISE * self._beyond()).clamp_(min=0)

    def _beyond(self) -> Tensor:
        """Return the logarithm of the cost over what is allowed at this step."""
        share = min(1.0, float(self.done) / (DESCENT * self.steps))
        allowed = self.given * (self.budget / self.given) ** share
        return torch.log(self.price.of(self._values()) / allowed)

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
