# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Functions whose derivative is infinite somewhere, with gradients that stay numbers.

An exporter writes ``elu`` as ``Where(x > 0, x, Exp(x) - 1)`` and a guarded division as ``Where(y == 0, 0, x / y)``:
where the branch is not taken its gradient is 0, and 0 times an infinite derivative must be 0, not NaN.  The derivative
of a square root at 0 is taken as 0, as that of a norm is: a chain through ``x * x`` has it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def _times(gradient: Tensor, derivative: Tensor) -> Tensor:
    return torch.where(gradient == 0, gradient, gradient * derivative)


class Exp(torch.autograd.Function):
    """``e ** x``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Keep the result, which is the derivative."""
        result = torch.exp(x)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Multiply with the result."""
        (result,) = ctx.saved_tensors
        return _times(gradients[0], result)


class Log(torch.autograd.Function):
    """Natural logarithm."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Keep the input."""
        ctx.save_for_backward(x)
        return torch.log(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Divide by the input."""
        (x,) = ctx.saved_tensors
        return _times(gradients[0], 1 / x)


class Sqrt(torch.autograd.Function):
    """Square root."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Keep the result."""
        result = torch.sqrt(x)
        ctx.save_for_backward(result)
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Divide by twice the result."""
        (result,) = ctx.saved_tensors
        return torch.where(result == 0, 0.0, _times(gradients[0], 0.5 / result))


class Divide(torch.autograd.Function):
    """``a / b`` of floating-point tensors, broadcast; a reciprocal is ``1 / b``."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        """Keep both."""
        ctx.save_for_backward(a, b)
        return a / b

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """Return ``g / b`` and ``-g a / b / b``, summed over what was broadcast."""
        a, b = ctx.saved_tensors
        upper = _times(gradients[0], 1 / b)
        first = upper.sum_to_size(a.shape) if ctx.needs_input_grad[0] else None
        second = _times(upper, -a / b).sum_to_size(b.shape) if ctx.needs_input_grad[1] else None
        return first, second


class Power(torch.autograd.Function):
    """``x ** y`` with a constant y, broadcast."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor) -> Tensor:
        """Keep both."""
        ctx.save_for_backward(x, y)
        return torch.pow(x, y)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Return ``g y x ** (y - 1)``; 0 where the power is a root of 0."""
        x, y = ctx.saved_tensors
        derivative = y * torch.pow(x, y - 1)
        derivative = torch.where((x == 0) & (y > 0) & (y < 1), 0.0, derivative)
        return _times(gradients[0], derivative).sum_to_size(x.shape), None


def divided(a: Tensor, b: Tensor) -> Tensor:
    """Return ``a / b``."""
    if not torch.is_grad_enabled():
        return a / b
    result: Tensor = Divide.apply(a, b)  # type: ignore[no-untyped-call]
    return result


def raised(x: Tensor, y: Tensor) -> Tensor:
    """Return ``x ** y`` for a constant y."""
    result: Tensor = Power.apply(x, y)  # type: ignore[no-untyped-call]
    return result
