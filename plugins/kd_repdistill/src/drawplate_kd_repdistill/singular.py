# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253 - this module exists only to use torch
"""Leading singular vectors of feature maps, with a gradient that stays finite."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

GAP = 1e-6
"""Eigenvalues nearer than this part of the largest one count as equal."""


class _Leading(torch.autograd.Function):
    """The k leading eigenvectors of symmetric matrices.

    Rank-deficient maps (dead channels) have many equal eigenvalues, for which the usual gradient divides zero
    by zero, although the leading vectors are well defined.  Here pairs of equal eigenvalues carry no gradient.
    """

    @staticmethod
    def forward(ctx: Any, gram: Tensor, k: int) -> tuple[Tensor, Tensor]:
        values, vectors = torch.linalg.eigh(gram)
        values, vectors = values.flip(-1), vectors.flip(-1)
        ctx.save_for_backward(values, vectors)
        ctx.mark_non_differentiable(values)
        return values[..., :k].clone(), vectors[..., :k].clone()

    @staticmethod
    def backward(ctx: Any, _values: Tensor, gradient: Tensor) -> tuple[Tensor, None]:
        values, vectors = ctx.saved_tensors
        k = gradient.shape[-1]
        difference = values[..., None, :k] - values[..., :, None]
        apart = difference.abs() > GAP * values[..., :1, None].clamp(min=torch.finfo(values.dtype).tiny)
        inverse = torch.where(apart, 1 / difference.where(apart, torch.ones_like(difference)), 0.0)
        turned = vectors @ (inverse * (vectors.mT @ gradient)) @ vectors[..., :k].mT
        return (turned + turned.mT) / 2, None


def right_singular(features: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return the k largest singular values [batch, k] and right singular vectors [batch, channels, k] of every map.

    A map [channels, h, w] is the matrix of its h * w positions by its channels.  Of each vector the element of
    largest magnitude is positive, so that the answer is unique.
    """
    positions = features.flatten(2)
    values, vectors = _Leading.apply(  # type: ignore[no-untyped-call]
        positions @ positions.mT, min(k, features.shape[1])
    )
    largest = vectors.detach().abs().argmax(1, keepdim=True)
    sign = torch.take_along_dim(vectors.detach(), largest, dim=1).sign()
    return values.clamp(min=0).sqrt(), vectors * sign
