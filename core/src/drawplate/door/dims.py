# SPDX-License-Identifier: Apache-2.0
"""Shapes of the inputs: free, negative and zero dimensions, and those that the flow fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.wish import Wish
from drawplate.errors import ModelError
from drawplate.graph.shapes import infer

if TYPE_CHECKING:
    from onnx import ModelProto, TensorShapeProto, ValueInfoProto

HINT = "fix it with shape = [...] under [model], e.g. shape = [3, 32, 32] without the batch"


def free_dims(proto: ModelProto) -> list[str]:
    """Turn negative and zero dimensions of inputs and outputs into free ones, in place."""
    changes = []
    known = {tensor.name for tensor in proto.graph.initializer}
    for value in (*proto.graph.input, *proto.graph.output):
        if value.name in known or not value.type.HasField("tensor_type"):
            continue
        for position, dim in enumerate(value.type.tensor_type.shape.dim):
            if dim.HasField("dim_value") and dim.dim_value <= 0:
                changes.append(f"dimension {position} of {value.name!r} was {dim.dim_value}, and is free")
                dim.Clear()
                dim.dim_param = "N" if position == 0 else f"{value.name}_{position}"
    for value in proto.graph.value_info:  # advice that follows anyway, and that the checker wants to be whole
        if not value.type.tensor_type.HasField("shape") or any(
            dim.HasField("dim_value") and dim.dim_value <= 0 for dim in value.type.tensor_type.shape.dim
        ):
            del proto.graph.value_info[:]
            break
    return changes


def fix_dims(proto: ModelProto, wish: Wish) -> list[str]:
    """Fix the free dimensions of the only input by the flow's shape, or by that of its data, in place.

    Raises:
        ModelError: when the flow's shape contradicts the model, or a dimension beside the batch stays free.
    """
    known = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in known]
    changes: list[str] = []
    if wish.shape is not None:
        if len(inputs) != 1:
            raise ModelError(
                f"shape = {list(wish.shape)} cannot be told apart: it has {len(inputs)} inputs",
                hint="export it with fixed shapes",
            )
        changes += _fix(inputs[0], wish.shape, told=True)
    elif wish.data is not None and len(inputs) == 1:
        last = (*wish.data[1:], wish.data[0])
        changes += _fix(inputs[0], wish.data, told=False) or _fix(inputs[0], last, told=False)
    if changes:
        del proto.graph.value_info[:]
        for value in proto.graph.output:
            for position, dim in enumerate(value.type.tensor_type.shape.dim):
                dim.Clear()
                dim.dim_param = f"{value.name}_{position}"
    for value in inputs:
        _refuse_free(value)
    return changes


def shape_outputs(proto: ModelProto) -> list[str]:
    """Give outputs the shape that follows where they have none, or say another one; in place.

    Raises:
        ModelError: when one has none, and none can be inferred.
    """
    tensors = [value for value in proto.graph.output if value.type.HasField("tensor_type")]
    inferred = infer(proto, batch=None)
    filled: list[str] = []
    mended: list[str] = []
    for value in tensors:
        kind, shape = value.type.tensor_type, inferred.shapes.get(value.name)
        bare = not kind.HasField("shape")
        if bare and shape is None:
            raise ModelError(
                f"output {value.name!r} has no shape, and none follows from its layers",
                hint='choose others with outputs = ["NAME", ...] under [model], or export it with shapes',
            )
        if shape is None or not (bare or _contradicts(kind.shape, shape)):
            continue
        (filled if bare else mended).append(repr(value.name))
        kind.elem_type = kind.elem_type or inferred.types.get(value.name, 0)
        kind.ClearField("shape")
        kind.shape.SetInParent()
        for size in shape:
            kind.shape.dim.add(**{"dim_value" if isinstance(size, int) else "dim_param": size})
    said = [f"shape of output {', '.join(filled)} filled in"] if filled else []
    return said + ([f"shape of output {', '.join(mended)} is what its layers give"] if mended else [])


def _contradicts(said: TensorShapeProto, shape: tuple[int | str, ...]) -> bool:
    pairs = zip(said.dim, shape, strict=False)
    return len(said.dim) != len(shape) or any(
        dim.dim_value != size for dim, size in pairs if dim.HasField("dim_value") and isinstance(size, int)
    )


def _fix(value: ValueInfoProto, shape: tuple[int, ...], *, told: bool) -> list[str]:
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        kind.shape.dim.add(dim_param="N")
        for size in shape:
            kind.shape.dim.add(dim_value=size)
        return [f"input {value.name!r} had no shape, and is {['N', *shape]}"]
    dims = list(kind.shape.dim)
    sizes = list(shape[1:]) if told and len(shape) == len(dims) else list(shape)
    if len(sizes) != len(dims) - 1:
        if told:
            raise ModelError(
                f"shape = {list(shape)}, but input {value.name!r} has {len(dims) - 1} dimensions after the batch"
            )
        return []
    pairs = list(zip(dims[1:], sizes, strict=True))
    wrong = [(dim.dim_value, size) for dim, size in pairs if dim.dim_value > 0 and dim.dim_value != size]
    if wrong and told:
        raise ModelError(
            f"shape = {list(shape)}, but input {value.name!r} is fixed to {[dim.dim_value or '?' for dim in dims]}",
            hint="leave 'shape' out, or export the model with free dimensions",
        )
    free = [dim for dim, _ in pairs if dim.dim_value <= 0]
    if wrong or not free:
        return []
    for dim, size in pairs:
        dim.Clear()
        dim.dim_value = size
    return [f"input {value.name!r} fixed to {['N', *sizes]}"]


def _refuse_free(value: ValueInfoProto) -> None:
    if not value.type.HasField("tensor_type"):
        raise ModelError(f"input {value.name!r} is no tensor", allowed="tensors")
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        raise ModelError(f"input {value.name!r} has no shape, not even a number of dimensions", hint=HINT)
    for position, dim in enumerate(kind.shape.dim):
        if position and dim.dim_value <= 0:
            raise ModelError(f"input {value.name!r}: dimension {position} ({dim.dim_param or '?'}) is free", hint=HINT)
