# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Pools."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from drawplate.torch.handlers import Handler, Node, Op
from drawplate.torch.ops.conv import same_pads, torch_pads

_MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_AVERAGE = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


def _pads(node: Node, x: Tensor, strides: list[int], dilations: list[int]) -> tuple[list[int], list[int]]:
    kernel, auto = node.attributes["kernel_shape"], node.attribute("auto_pad", "NOTSET")
    rank = len(kernel)
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        sizes = zip(x.shape[2:], kernel, strides, dilations, strict=True)
        pairs = [same_pads(*numbers, lower=auto == "SAME_LOWER") for numbers in sizes]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    pads = node.attribute("pads", [0] * 2 * rank) if auto == "NOTSET" else [0] * 2 * rank
    return pads[:rank], pads[rank:]


def max_pool(node: Node) -> Op:
    """MaxPool; the indices are not an output."""
    kernel = node.attributes["kernel_shape"]
    rank = len(kernel)
    if len(node.outputs) > 1 and node.outputs[1]:
        raise node.error("its indices are used as an output")
    strides, dilations = node.attribute("strides", [1] * rank), node.attribute("dilations", [1] * rank)
    ceil, function = bool(node.attribute("ceil_mode", 0)), _MAX[rank]

    def call(x: Tensor) -> Tensor:
        begin, end = _pads(node, x, strides, dilations)
        if begin == end and all(2 * pad <= size for pad, size in zip(begin, kernel, strict=True)):
            return function(x, kernel, strides, begin, dilations, ceil)
        return function(F.pad(x, torch_pads(begin, end), value=float("-inf")), kernel, strides, 0, dilations, ceil)

    return Op(call)


def average_pool(node: Node) -> Op:
    """AveragePool, padding counted or not."""
    kernel = node.attributes["kernel_shape"]
    rank = len(kernel)
    strides, counted = node.attribute("strides", [1] * rank), bool(node.attribute("count_include_pad", 0))
    if any(size != 1 for size in node.attribute("dilations", [1] * rank)):
        raise node.error("has dilations")
    ceil, function = bool(node.attribute("ceil_mode", 0)), _AVERAGE[rank]

    def call(x: Tensor) -> Tensor:
        begin, end = _pads(node, x, strides, [1] * rank)
        if begin == end and all(2 * pad <= size for pad, size in zip(begin, kernel, strict=True)):
            return function(x, kernel, strides, begin, ceil, counted)
        pads = torch_pads(begin, end)
        total = function(F.pad(x, pads), kernel, strides, 0, ceil, True)
        if counted:
            return total
        return total / function(F.pad(x.new_ones(x.shape), pads), kernel, strides, 0, ceil, True)

    return Op(call)


def _global(name: str) -> Handler:
    def handler(_node: Node) -> Op:
        if name == "mean":
            return Op(lambda x: x.mean(dim=tuple(range(2, x.ndim)), keepdim=True))
        return Op(lambda x: x.amax(dim=tuple(range(2, x.ndim)), keepdim=True))

    return handler


OPS: dict[str, Handler] = {
    "AveragePool": average_pool,
    "GlobalAveragePool": _global("mean"),
    "GlobalMaxPool": _global("max"),
    "MaxPool": max_pool,
}
