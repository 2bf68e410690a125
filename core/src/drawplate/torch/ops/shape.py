# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Operators that move values about."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from drawplate.torch.handlers import Handler, Node, Op
from drawplate.torch.ops.conv import torch_pads


def _integers(node: Node, index: int, name: str, since: int) -> list[int] | None:
    """Return what is an attribute before an opset and an input since."""
    if node.opset >= since:
        return [int(value) for value in node.required(index, name).reshape(-1)] if node.has(index) else None
    found = node.attribute(name, None)
    return None if found is None else list(found)


def reshape(node: Node) -> Op:
    """Reshape, to a constant shape or one that the graph computes.

    A graph exported for a fixed batch has that batch in its shapes; the batch at hand takes its place.
    """
    keep_zero = node.attribute("allowzero", 0)
    constant = node.constant(1)

    def to(x: Tensor, shape: list[int]) -> Tensor:
        return x.reshape([x.shape[i] if size == 0 and not keep_zero else size for i, size in enumerate(shape)])

    if constant is not None:
        fixed = [int(size) for size in constant]
        if not fixed or fixed[0] != node.batch:
            return Op(lambda x: to(x, fixed), static=(1,))
        rest = fixed[1:]
        return Op(lambda x: to(x, [_batch(x, fixed), *rest]), static=(1,))
    return Op(lambda x, shape: to(x, shape.tolist()))


def _batch(x: Tensor, fixed: list[int]) -> int:
    """Return the first size of a shape that was written for another batch."""
    if -1 in fixed:
        return x.shape[0] if x.ndim > 1 else fixed[0]
    each = math.prod(fixed[1:])
    return x.shape[0] if each and x.numel() == x.shape[0] * each else fixed[0]


def flatten(node: Node) -> Op:
    """Flatten to two dimensions."""
    axis = node.attribute("axis", 1)
    if axis == 1:
        return Op(lambda x: x.flatten(1) if x.ndim > 1 else x[:, None])
    return Op(lambda x: x.reshape(x.shape[:axis].numel() if axis else 1, -1))


def transpose(node: Node) -> Op:
    """Transpose."""
    order = node.attribute("perm", None)
    return Op(lambda x: x.permute(order if order is not None else tuple(reversed(range(x.ndim)))))


def squeeze(node: Node) -> Op:
    """Squeeze given dimensions, or all of size 1."""
    axes = _integers(node, 1, "axes", 13)
    return Op(lambda x: x.squeeze() if axes is None else x.squeeze(tuple(axes)), static=(1,))


def unsqueeze(node: Node) -> Op:
    """Unsqueeze."""
    axes = _integers(node, 1, "axes", 13) or []

    def call(x: Tensor) -> Tensor:
        for axis in sorted(axis % (x.ndim + len(axes)) for axis in axes):
            x = x.unsqueeze(axis)
        return x

    return Op(call, static=(1,))


def concat(node: Node) -> Op:
    """Concat."""
    axis = node.attribute("axis", 1)
    return Op(lambda *values: torch.cat(values, axis))


def split(node: Node) -> Op:
    """Split into given or equal parts."""
    axis, count = node.attribute("axis", 0), len(node.outputs)
    sizes = _integers(node, 1, "split", 13)

    def call(x: Tensor) -> Tensor | tuple[Tensor, ...]:
        parts = torch.split(x, sizes if sizes is not None else -(-x.shape[axis] // count), axis)
        return parts if count > 1 else parts[0]

    return Op(call, static=(1,))


def slice_(node: Node) -> Op:
    """Slice with positive steps."""
    if node.opset < 10:
        starts, ends, axes = node.attributes["starts"], node.attributes["ends"], node.attribute("axes", None)
        steps: list[int] = [1] * len(starts)
    else:
        starts, ends = (node.required(i, name).tolist() for i, name in ((1, "starts"), (2, "ends")))
        axes = node.required(3, "axes").tolist() if node.has(3) else None
        steps = node.required(4, "steps").tolist() if node.has(4) else [1] * len(starts)
    if any(step < 1 for step in steps):
        raise node.error("has a negative step")
    axes = axes if axes is not None else list(range(len(starts)))
    parts = list(zip(axes, starts, ends, steps, strict=True))

    def call(x: Tensor) -> Tensor:
        where = [slice(None)] * x.ndim
        for axis, start, end, step in parts:
            where[axis] = slice(start, end, step)
        return x[tuple(where)]

    return Op(call, static=(1, 2, 3, 4))


def gather(node: Node) -> Op:
    """Gather along one axis."""
    axis = node.attribute("axis", 0)

    def call(x: Tensor, index: Tensor) -> Tensor:
        size = x.shape[axis]
        flat = torch.where(index < 0, index + size, index).reshape(-1).to(x.device)
        return x.index_select(axis, flat).reshape([*x.shape[:axis], *index.shape, *x.shape[axis:][1:]])

    return Op(call)


def pad(node: Node) -> Op:
    """Pad with a constant, by reflection, or with the edge."""
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}.get(node.attribute("mode", "constant"))
    if mode is None:
        raise node.error(f"mode {node.attributes['mode']} is not handled")
    pads = _integers(node, 1, "pads", 11) or []
    value = node.attribute("value", 0.0)
    if node.opset >= 11 and node.has(2):
        value = node.required(2, "value").item()
    if node.has(3):
        raise node.error("pads only some axes")
    rank = len(pads) // 2
    around = torch_pads(pads[:rank], pads[rank:])
    if mode == "constant":
        return Op(lambda x: F.pad(x, around, value=value), static=(1, 2))
    if any(around[2 * (rank - 2) :]):
        raise node.error(f"pads batch or channels by mode {mode}")
    around = around[: 2 * (rank - 2)]  # torch pads all spatial dimensions or none by these modes
    return Op(lambda x: F.pad(x, around, mode=mode), static=(1, 2))


def expand(node: Node) -> Op:
    """Expand by broadcasting."""
    constant = node.constant(1)
    if constant is None:
        return Op(lambda x, shape: x.expand(np.broadcast_shapes(x.shape, tuple(shape.tolist()))))
    fixed = [int(size) for size in constant]
    return Op(lambda x: x.expand(np.broadcast_shapes(x.shape, tuple(fixed))), static=(1,))


def shape_of(node: Node) -> Op:
    """Shape, as a tensor of integers."""
    start, end = node.attribute("start", 0), node.attribute("end", None)
    return Op(lambda x: torch.tensor(x.shape[start:end], dtype=torch.int64))


def constant_of_shape(node: Node) -> Op:
    """ConstantOfShape."""
    value = node.attribute("value", None)
    fill = torch.zeros(1) if value is None else torch.from_numpy(value.copy())
    return Op(lambda shape: torch.full(shape.tolist(), fill.item(), dtype=fill.dtype))


def depth_to_space(node: Node) -> Op:
    """DepthToSpace in the order of PixelShuffle."""
    if node.attribute("mode", "DCR") != "CRD":
        raise node.error("mode DCR is not handled")
    size = node.attributes["blocksize"]
    return Op(lambda x: F.pixel_shuffle(x, size))


OPS: dict[str, Handler] = {
    "Concat": concat,
    "ConstantOfShape": constant_of_shape,
    "DepthToSpace": depth_to_space,
    "Expand": expand,
    "Flatten": flatten,
    "Gather": gather,
    "Identity": lambda _node: Op(lambda x: x),
    "Pad": pad,
    "Reshape": reshape,
    "Shape": shape_of,
    "Slice": slice_,
    "Split": split,
    "Squeeze": squeeze,
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
}
