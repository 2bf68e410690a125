# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Rounding with straight-through gradients, exactly as Brevitas computes it and in fewer passes over memory.

Values: ``(clip(round(x / scale + zero), low, high) - zero) * scale``, half to even, in float32: QONNX's ``Quant``.
Gradients: that of ``x`` passes where the code lies inside the range and is 0 outside, but for weights whose scale is
not trained, where it passes everywhere, as Brevitas decides too; that of the scale is ``code - x / scale`` inside and
``code`` outside (Esser et al., ICLR 2020, eq. 3; Brevitas' IntQuant has the same).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function


class Round(Function):
    """Quantize to integers times a scale; a zero point of 0."""

    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917 - torch passes them by position
        ctx: Any, x: Tensor, scale: Tensor, low: float, high: float, step: float, clipped: bool
    ) -> Tensor:
        """Return the rounded values.

        Args:
            ctx: where the backward pass finds what it needs.
            x: any shape.
            scale: a scalar, or a shape that broadcasts against ``x``.
            low: smallest code.
            high: largest code.
            step: factor of the scale's gradient; 0 where the scale is not trained.
            clipped: whether the gradient of ``x`` stops outside of the range; with a trained scale it always does.
        """
        ctx.low, ctx.high, ctx.step = low, high, step
        ratio = x / scale
        if not step:
            rounded = ratio.round_()
            if not clipped or fits(rounded, low, high):
                return (rounded if clipped else rounded.clamp_(low, high)).mul_(scale)
            ctx.save_for_backward(rounded)
            return rounded.clamp(low, high).mul_(scale)
        rounded = ratio.round()
        ctx.save_for_backward(rounded, ratio, scale)
        return rounded.clamp(low, high).mul_(scale)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor | None, ...]:
        """Pass the gradient straight through, cut off outside of the range."""
        (gradient,) = gradients
        if not ctx.saved_tensors:
            return gradient, None, None, None, None, None
        rounded, *saved = ctx.saved_tensors
        # One pass and no mask: hardtanh's gradient is cut off outside of an open interval, and codes are whole.
        passed = torch.ops.aten.hardtanh_backward(gradient, rounded, ctx.low - 0.5, ctx.high + 0.5)
        if not ctx.step:
            return passed, None, None, None, None, None
        ratio, scale = saved
        codes = rounded.clamp_(ctx.low, ctx.high)
        if scale.numel() == 1:
            # Not views: images may lie in memory with the channels last.
            flat = [tensor.reshape(-1) for tensor in (gradient, codes, passed, ratio)]
            total = torch.dot(*flat[:2]) - torch.dot(*flat[2:])
            return passed, (total * ctx.step).reshape(scale.shape), None, None, None, None
        each = gradient * codes - passed * ratio
        return passed, each.sum_to_size(scale.shape) * ctx.step, None, None, None, None


def rounded(x: Tensor, scale: Tensor, low: float, high: float) -> Tensor:
    """Return the values of :class:`Round`, for ``x`` and a scale that take no gradient, as the images of a batch."""
    return (x / scale).round_().clamp_(low, high).mul_(scale)


def fits(codes: Tensor, low: float, high: float) -> bool:
    """Whether nothing has to be clipped, as where the scale is that of the largest weight.

    Looking is cheaper than clipping now and masking later, but would make a GPU wait.
    """
    if codes.device.type != "cpu" or not codes.numel():
        return False
    least, most = torch.aminmax(codes)
    return least.item() >= low and most.item() <= high


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
        ctx.save_for_backward(x.abs() <= scale if clipped else None, signs if step else None, scale)
        return signs * scale

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor | None, ...]:
        """Pass the gradient straight through the sign: times the scale, as that of scale * sign(x) is."""
        (gradient,) = gradients
        inside, signs, scale = ctx.saved_tensors
        passed = gradient * scale
        if ctx.clipped:
            passed *= inside
        slope = (gradient * signs).sum_to_size(ctx.shape) * ctx.step if ctx.step else None
        return passed, slope, None, None


def round_through(x: Tensor) -> Tensor:
    """Round half to even; the gradient passes."""
    return x + (x.round() - x).detach()


ROUNDINGS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "HALF_EVEN": torch.round,
    "CEIL": torch.ceil,
    "FLOOR": torch.floor,
    "UP": lambda x: torch.sign(x) * torch.ceil(torch.abs(x)),
    "DOWN": torch.trunc,
    "HALF_UP": lambda x: torch.sign(x) * torch.floor(torch.abs(x) + 0.5),
    "HALF_DOWN": lambda x: torch.sign(x) * torch.ceil(torch.abs(x) - 0.5),
}
"""QONNX's rounding modes, by the names of :data:`drawplate.input_codes.MODES`."""
