# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Convolutions."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from drawplate.torch.handlers import Handler, Node, Op

_CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def dimensions(node: Node) -> int:
    """Return over how many dimensions a convolution or pool slides."""
    kernel = node.attribute("kernel_shape", None)
    if kernel is None:
        weight = node.constant(1)
        if weight is None:
            raise node.error("has neither kernel_shape nor a constant weight")
        return weight.ndim - 2
    return len(kernel)


def same_pads(size: int, kernel: int, stride: int, dilation: int, *, lower: bool) -> tuple[int, int]:
    """Return the padding of ``auto_pad = SAME_*`` along one dimension."""
    total = max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    small = total // 2
    return (total - small, small) if lower else (small, total - small)


def torch_pads(begin: list[int], end: list[int]) -> list[int]:
    """Return pads as ``F.pad`` wants them: last dimension first."""
    return [side for pair in zip(reversed(begin), reversed(end), strict=True) for side in pair]


def conv(node: Node) -> Op:
    """Conv: any stride, dilation, groups and padding, in one to three dimensions."""
    rank = dimensions(node)
    if rank not in _CONV:
        raise node.error(f"slides over {rank} dimensions")
    strides, dilations = node.attribute("strides", [1] * rank), node.attribute("dilations", [1] * rank)
    groups, pads = node.attribute("group", 1), node.attribute("pads", [0] * 2 * rank)
    auto, function = node.attribute("auto_pad", "NOTSET"), _CONV[rank]
    begin, end = pads[:rank], pads[rank:]
    if auto in ("SAME_UPPER", "SAME_LOWER"):

        def same(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
            pairs = [
                same_pads(size, kernel, stride, dilation, lower=auto == "SAME_LOWER")
                for size, kernel, stride, dilation in zip(
                    x.shape[2:], weight.shape[2:], strides, dilations, strict=True
                )
            ]
            x = F.pad(x, torch_pads([pair[0] for pair in pairs], [pair[1] for pair in pairs]))
            return function(x, weight, bias, strides, 0, dilations, groups)

        return Op(same)
    if begin == end or auto == "VALID":
        padding: Any = [0] * rank if auto == "VALID" else begin
        return Op(lambda x, weight, bias=None: function(x, weight, bias, strides, padding, dilations, groups))
    around = torch_pads(begin, end)
    return Op(lambda x, weight, bias=None: function(F.pad(x, around), weight, bias, strides, 0, dilations, groups))


def conv_transpose(node: Node) -> Op:
    """ConvTranspose with equal padding on both sides."""
    rank = dimensions(node)
    strides, dilations = node.attribute("strides", [1] * rank), node.attribute("dilations", [1] * rank)
    groups, pads = node.attribute("group", 1), node.attribute("pads", [0] * 2 * rank)
    extra = node.attribute("output_padding", [0] * rank)
    if (
        pads[:rank] != pads[rank:]
        or node.attribute("auto_pad", "NOTSET") != "NOTSET"
        or "output_shape" in node.attributes
    ):
        raise node.error("has padding that is not equal on both sides, or output_shape")
    function, padding = _TRANSPOSED[rank], pads[:rank]
    return Op(lambda x, weight, bias=None: function(x, weight, bias, strides, padding, extra, groups, dilations))


OPS: dict[str, Handler] = {"Conv": conv, "ConvTranspose": conv_transpose}
