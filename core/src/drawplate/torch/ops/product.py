# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Products of matrices, by the quicker of the two libraries that come with torch.

torch multiplies matrices of float32 with MKL, which keeps to AVX2 on processors of others than Intel.  oneDNN, which
torch convolves with, takes AVX-512 wherever it is: half the time for the layers of a perceptron 256 wide.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from drawplate.processor import mkl_keeps_to_avx2

LEAST: Final = 1 << 21
"""Multiply-accumulates from which a product gains more than the longer way there takes."""


def product(a: Tensor, b: Tensor) -> Tensor:
    """Multiply matrices, as ``torch.matmul`` does."""
    if gains(a, b):
        found: Tensor = _Product.apply(a, b)  # type: ignore[no-untyped-call]
        return found
    return torch.matmul(a, b)


@cache
def by_onednn() -> bool:
    """Whether large products on the CPU are oneDNN's here."""
    mkldnn: Any = torch.backends.mkldnn
    there = bool(mkldnn.is_available()) and hasattr(_operators(), "_linear_pointwise")
    return there and mkl_keeps_to_avx2() and _is_exact()


def gains(a: Tensor, b: Tensor) -> bool:
    """Whether a product is oneDNN's: large, in float32, on a CPU."""
    return (
        a.ndim == b.ndim == 2
        and a.shape[0] * b.numel() >= LEAST
        and {(one.dtype, one.device.type) for one in (a, b)} == {(torch.float32, "cpu")}
        and by_onednn()
        and not torch.is_autocast_enabled("cpu")
    )


def _is_exact() -> bool:
    """Ask what is known: the operator is internal to torch, and fewer bits would show in whole numbers."""
    a = (torch.arange(64 * 48) * 613 % 1021 - 510).reshape(64, 48)
    b = (torch.arange(40 * 48) * 389 % 1021 - 510).reshape(40, 48)  # sums stay below 2^24
    try:
        found = _times_transposed(a.float(), b.float())
    except (RuntimeError, TypeError):
        return False
    return torch.equal(found.long(), a @ b.t())


def _operators() -> Any:
    return torch.ops.mkldnn


def _times_transposed(a: Tensor, b: Tensor) -> Tensor:
    """Return ``a @ b.T``.  The operator is the one that torch's own compiler makes of a linear layer."""
    found: Tensor = _operators()._linear_pointwise(a, b, None, "none", [], "")  # noqa: SLF001 - there is no other
    return found


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        ctx.save_for_backward(a, b)
        return _times_transposed(a, b.t())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None]:
        a, b = ctx.saved_tensors
        of_a, of_b = ctx.needs_input_grad
        return _times_transposed(gradient, b) if of_a else None, _gradient_of_b(a, b, gradient) if of_b else None


def _gradient_of_b(a: Tensor, b: Tensor, gradient: Tensor) -> Tensor:
    """Return ``a.T @ gradient``, laid out in memory as ``b`` is: whoever adds it up would copy it otherwise."""
    if b.is_contiguous():
        return _times_transposed(a.t(), gradient.t())
    return _times_transposed(gradient.t(), a.t()).t()
