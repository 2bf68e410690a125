# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Matrix products."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from drawplate.torch.handlers import Handler, Node, Op


def gemm(node: Node) -> Op:
    """Gemm: alpha * A' * B' + beta * C."""
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    trans_a, trans_b = node.attribute("transA", 0), node.attribute("transB", 0)
    if alpha == beta == 1 and not trans_a:
        if trans_b:
            return Op(_linear)
        return Op(lambda a, b, c=None: torch.matmul(a, b) if c is None else torch.matmul(a, b) + c)

    def general(a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
        product = alpha * torch.matmul(a.T if trans_a else a, b.T if trans_b else b)
        result: Tensor = product if c is None else product + beta * c
        return result

    return Op(general)


def _linear(a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
    if c is None or c.ndim == 1:
        return F.linear(a, b, c)
    return F.linear(a, b) + c


OPS: dict[str, Handler] = {"Gemm": gemm, "MatMul": lambda _node: Op(torch.matmul)}
