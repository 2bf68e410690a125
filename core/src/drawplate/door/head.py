# SPDX-License-Identifier: Apache-2.0
"""Arithmetic on the input alone, before the first layer: cut off, for the host that normalises pixels anyway.

``(x + 1) / 2``, ``(x - mean) / std``, a Cast from bytes, a Transpose from channels last.  It is moved where it is the
same for every pixel of a channel, so that the model's metadata can say it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from drawplate.door.ends import End
from drawplate.door.values import constant
from drawplate.graph.facts import STANDARD

if TYPE_CHECKING:
    import onnx_ir as ir
    from numpy.typing import NDArray

    Array = NDArray[Any]

ARITHMETIC = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide}
INTEGERS = frozenset({"UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64"})


def cut_head(model: ir.Model, data: tuple[int, ...] | None) -> tuple[End | None, list[str]]:
    """Cut the head off in place, as long as it is one scale and shift per channel.

    Args:
        model: what it is cut from.
        data: shape of one sample of the flow's data; what already takes them as they are goes on taking them.
    """
    graph = model.graph
    if len(graph.inputs) != 1 or graph.inputs[0].shape is None or len(graph.inputs[0].shape) < 2:
        return None, []
    chain = _chain(graph.inputs[0])
    while chain:
        told = _affine(graph.inputs[0], chain)
        last = chain[-1].outputs[0]
        floating = last.dtype is None or last.dtype.is_floating_point()
        if told is not None and floating and _fits(graph.inputs[0], chain, data):
            return _cut(model, chain, *told)
        chain.pop()
    return None, []


def _fits(taken: ir.Value, chain: list[ir.Node], data: tuple[int, ...] | None) -> bool:
    """Whether what is left takes the data too, where the file did."""
    assert taken.shape is not None
    before, after = (tuple(shape)[1:] for shape in (taken.shape, _shape_after(taken, chain)))
    return data is None or before != data or after == data


def _chain(value: ir.Value) -> list[ir.Node]:
    """Nodes that take nothing but the input and constants, one behind the other."""
    found: list[ir.Node] = []
    while not value.is_graph_output() and len(uses := tuple(value.uses())) == 1:
        node = uses[0].node
        others = [other for other in node.inputs if other is not value and other is not None]
        plain = node.domain in STANDARD and node.op_type in {*ARITHMETIC, "Cast", "Transpose"}
        if not plain or len(node.inputs) > 2 or any(constant(other) is None for other in others):
            return found
        found.append(node)
        value = node.outputs[0]
    return found


def _affine(taken: ir.Value, chain: list[ir.Node]) -> tuple[Array, Array] | None:
    """Scale and shift per channel of what a chain computes; None where it is anything else, or no number."""
    assert taken.shape is not None
    shape = [1, *(size if isinstance(size, int) else 0 for size in list(taken.shape)[1:])]
    if 0 in shape:
        return None
    zeros, ones = (_run(np.full(shape, value), taken, chain) for value in (0.0, 1.0))
    if zeros is None or ones is None:
        return None
    parts = []
    for part in (ones - zeros, zeros):
        channels = np.moveaxis(part, 1, 0).reshape(part.shape[1], -1)
        if not np.isfinite(channels).all() or (channels != channels[:, :1]).any():
            return None
        parts.append(channels[:, 0])
    return (parts[0], parts[1]) if (parts[0] > 0).all() else None


def _run(x: Array, taken: ir.Value, chain: list[ir.Node]) -> Array | None:
    import onnx_ir as ir

    value, kind = taken, taken.dtype or ir.DataType.FLOAT
    for node in chain:
        if node.op_type == "Cast":
            before, kind = kind, ir.DataType(node.attributes["to"].as_int())
            if not _keeps_values(before, kind):
                return None
        elif node.op_type == "Transpose":
            order = node.attributes["perm"].as_ints() if "perm" in node.attributes else range(x.ndim)[::-1]
            if next(iter(order)) != 0:
                return None
            x = x.transpose(list(order))
        else:
            if not kind.is_floating_point():
                return None  # integers divide in another way
            if node.op_type == "Div" and node.inputs[1] is value:
                return None  # a reciprocal, which two points do not tell from a line
            sides = [x if side is value else constant(side) for side in node.inputs]
            left, right = (np.asarray(side, np.float64) for side in sides)
            with np.errstate(all="ignore"):
                given = ARITHMETIC[node.op_type](left, right)
            if given.shape != x.shape:
                return None
            x = given
        value = node.outputs[0]
    return x


def _keeps_values(before: ir.DataType, after: ir.DataType) -> bool:
    """Whether a Cast changes no number: floats are of one type by now, and one to integers rounds."""
    if after.is_floating_point():
        return True
    return not before.is_floating_point() and bool(np.can_cast(before.numpy(), after.numpy(), "safe"))


def _cut(model: ir.Model, chain: list[ir.Node], scale: Array, shift: Array) -> tuple[End | None, list[str]]:
    import onnx_ir as ir

    graph = model.graph
    taken, last = graph.inputs[0], chain[-1].outputs[0]
    if last.is_graph_output():
        return None, []
    integers = taken.dtype is not None and taken.dtype.name in INTEGERS
    view = ir.convenience.extract(graph, [taken], [last])
    written = ir.to_proto(view)
    new = ir.Value(name=last.name, shape=_shape_after(taken, chain), type=ir.TensorType(ir.DataType.FLOAT))
    last.name = f"{last.name}.cut"
    last.replace_all_uses_with(new)
    graph.inputs.clear()
    graph.inputs.append(new)
    graph.remove(chain, safe=True)
    plain = bool((scale == 1).all() and not shift.any())
    end = End(
        ops=tuple(node.op_type for node in chain),
        graph=written,
        scale=None if plain else _told(scale),
        shift=None if plain else _told(shift),
        bytes=integers,
    )
    layers = ", ".join(repr(node.name) for node in chain)
    what = f"{', '.join(end.ops)} at the input ({layers})"
    return end, [f"{what} moved into the normalisation: the input is {new.name!r}"]


def _told(values: Array) -> tuple[float, ...]:
    """One number per channel, or one for all."""
    numbers = tuple(map(float, values))
    return numbers[:1] if len(set(numbers)) == 1 else numbers


def _shape_after(taken: ir.Value, chain: list[ir.Node]) -> ir.Shape:
    import onnx_ir as ir

    assert taken.shape is not None
    dims = list(taken.shape)
    for node in chain:
        if node.op_type == "Transpose":
            order = node.attributes["perm"].as_ints() if "perm" in node.attributes else range(len(dims))[::-1]
            dims = [dims[position] for position in order]
    return ir.Shape(dims)
