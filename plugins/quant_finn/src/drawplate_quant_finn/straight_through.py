# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Rounding with straight-through gradients, exactly as Brevitas computes it and in fewer passes over memory.

Values: ``(clip(round(x / scale + zero), low, high) - zero) * scale``, half to even, in float32: QONNX's ``Quant``.
Gradients: that of ``x`` passes where the code lies inside the range and is 0 outside; that of the scale is
``code - x / scale`` inside and ``code`` outside (Esser et al., ICLR 2020, eq. 3; Brevitas' IntQuant has the same).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


class Round(Function):
    """Quantize to integers times a scale; a zero point of 0."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, low: float, high: float, step: float) -> Tensor:
        """Return the rounded values.

        Args:
            ctx: where the backward pass finds what it needs.
            x: any shape.
            scale: a scalar, or a shape that broadcasts against ``x``.
            low: smallest code.
            high: largest code.
            step: factor of the scale's gradient; 0 where the scale is not trained.
        """
        ratio = x / scale
        rounded = ratio.round()
        codes = rounded.clamp(low, high)
        inside = codes == rounded if x.requires_grad or step else None
        ctx.step, ctx.shape = step, scale.shape
        ctx.save_for_backward(inside, *((codes, ratio) if step else ()))
        return codes.mul_(scale) if not step else codes * scale

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor | None, ...]:
        """Pass the gradient straight through, cut off outside of the range."""
        (gradient,) = gradients
        inside, *saved = ctx.saved_tensors
        passed = gradient * inside
        if not ctx.step:
            return passed, None, None, None, None
        codes, ratio = saved
        if len(ctx.shape) == 0 or ctx.shape.numel() == 1:
            total = torch.dot(gradient.flatten(), codes.flatten()) - torch.dot(passed.flatten(), ratio.flatten())
            return passed, (total * ctx.step).reshape(ctx.shape), None, None, None
        each = gradient * codes - passed * ratio
        return passed, each.sum_to_size(ctx.shape) * ctx.step, None, None, None


class Sign(Function):
    """-scale or +scale; 0 counts as positive."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, clipped: bool, step: float) -> Tensor:
        """Return the signs.

        Args:
            ctx: where the backward pass finds what it needs.
            x: any shape.
            scale: a scalar, or a shape that broadcasts against ``x``.
            clipped: whether the gradient stops where |x| exceeds the scale: yes for activations, no for weights.
            step: factor of the scale's gradient; 0 where the scale is not trained.
        """
        signs = torch.where(x >= 0, 1.0, -1.0)
        ctx.step, ctx.shape, ctx.clipped = step, scale.shape, clipped
        ctx.save_for_backward(x.abs() <= scale if clipped else None, signs if step else None)
        return signs * scale

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor | None, ...]:
        """Pass the gradient straight through."""
        (gradient,) = gradients
        inside, signs = ctx.saved_tensors
        passed = gradient * inside if ctx.clipped else gradient
        slope = (gradient * signs).sum_to_size(ctx.shape) * ctx.step if ctx.step else None
        return passed, slope, None, None


def round_through(x: Tensor) -> Tensor:
    """Round half to even; the gradient passes."""
    return x + (x.round() - x).detach()


ROUNDINGS = {
    "ROUND": torch.round,
    "HALF_EVEN": torch.round,
    "CEIL": torch.ceil,
    "FLOOR": torch.floor,
    "UP": lambda x: torch.sign(x) * torch.ceil(torch.abs(x)),
    "DOWN": torch.trunc,
    "HALF_UP": lambda x: torch.sign(x) * torch.floor(torch.abs(x) + 0.5),
    "HALF_DOWN": lambda x: torch.sign(x) * torch.ceil(torch.abs(x) - 0.5),
}
"""QONNX's rounding modes."""
