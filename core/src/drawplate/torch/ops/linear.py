# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Matrix products."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from drawplate.torch.handlers import Handler, Node, Op
from drawplate.torch.ops.product import gains, product


def gemm(node: Node) -> Op:
    """Gemm: alpha * A' * B' + beta * C."""
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    trans_a, trans_b = node.attribute("transA", 0), node.attribute("transB", 0)
    if alpha == beta == 1 and not trans_a:
        if trans_b:
            return Op(_linear)
        return Op(lambda a, b, c=None: product(a, b) if c is None else product(a, b) + c)

    def general(a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
        scaled = alpha * product(a.T if trans_a else a, b.T if trans_b else b)
        result: Tensor = scaled if c is None else scaled + beta * c
        return result

    return Op(general)


def _linear(a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
    if c is not None and c.ndim == 1 and not gains(a, b.t()):
        return F.linear(a, b, c)  # adds in the same pass
    found = product(a, b.t())
    return found if c is None else found + c


OPS: dict[str, Handler] = {"Gemm": gemm, "MatMul": lambda _node: Op(product)}
