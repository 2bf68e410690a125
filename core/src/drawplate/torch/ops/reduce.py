# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Reductions."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from drawplate.torch.handlers import Handler, Node, Op

# Opset from which the axes are an input; ReduceSum went first.
_AXES_INPUT = {"ReduceSum": 13}


def _axes(node: Node) -> list[int] | None:
    if node.opset >= _AXES_INPUT.get(node.op_type, 18):
        if not node.has(1):
            return None
        return [int(axis) for axis in node.required(1, "axes")]
    found = node.attribute("axes", None)
    return None if found is None else list(found)


def _reduce(function: Callable[..., Tensor]) -> Handler:
    def handler(node: Node) -> Op:
        axes, keep = _axes(node), bool(node.attribute("keepdims", 1))
        if not axes and node.attribute("noop_with_empty_axes", 0):
            return Op(lambda x: x, static=(1,))
        return Op(lambda x: function(x, dim=axes or list(range(x.ndim)), keepdim=keep), static=(1,))

    return handler


def _product(x: Tensor, dim: list[int], keepdim: bool) -> Tensor:
    for axis in sorted((axis % x.ndim for axis in dim), reverse=True):
        x = x.prod(axis, keepdim=keepdim)
    return x


def _index(function: Callable[..., Tensor]) -> Handler:
    def handler(node: Node) -> Op:
        axis, keep = node.attribute("axis", 0), bool(node.attribute("keepdims", 1))
        if node.attribute("select_last_index", 0):
            raise node.error("select_last_index is not handled")
        return Op(lambda x: function(x, dim=axis, keepdim=keep))

    return handler


def _norm(order: int) -> Callable[..., Tensor]:
    return lambda x, dim, keepdim: torch.linalg.vector_norm(x, order, dim=dim, keepdim=keepdim)


OPS: dict[str, Handler] = {
    "ArgMax": _index(torch.argmax),
    "ArgMin": _index(torch.argmin),
    "ReduceL1": _reduce(_norm(1)),
    "ReduceL2": _reduce(_norm(2)),
    "ReduceLogSumExp": _reduce(torch.logsumexp),
    "ReduceMax": _reduce(torch.amax),
    "ReduceMean": _reduce(torch.mean),
    "ReduceMin": _reduce(torch.amin),
    "ReduceProd": _reduce(_product),
    "ReduceSum": _reduce(torch.sum),
    "ReduceSumSquare": _reduce(lambda x, dim, keepdim: x.square().sum(dim=dim, keepdim=keepdim)),
}
