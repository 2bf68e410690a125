# SPDX-License-Identifier: Apache-2.0
"""Shapes and element types of a model's values, as far as they can be known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from drawplate.graph.facts import QUANT_OPS, STANDARD

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

LARGE = 1024
"""Elements from which on a constant is a weight: no shape depends on what it holds."""


@frozen
class Inferred:
    """What is known; a value of unknown rank is in neither."""

    shapes: Mapping[str, tuple[int | str, ...]]
    """A string stands for a dimension that is free."""
    types: Mapping[str, int]
    """ONNX's number of the element type."""

    def static(self, name: str) -> tuple[int, ...] | None:
        """Shape of a value whose dimensions are all known."""
        found = self.shapes.get(name)
        sizes = tuple(size for size in found or () if isinstance(size, int))
        return sizes if found is not None and len(sizes) == len(found) else None


def infer(proto: ModelProto, *, batch: int | None = 1) -> Inferred:
    """Infer what can be inferred; quantizers keep the shape of their first input.

    Args:
        proto: is left as it is.
        batch: what stands in for an input's free first dimension; None leaves it free.
    """
    import onnx

    copy = skeleton(proto)
    initialized = {tensor.name for tensor in proto.graph.initializer}
    for value in copy.graph.input:
        dims = value.type.tensor_type.shape.dim
        if batch is not None and value.name not in initialized and dims and dims[0].dim_value <= 0:
            dims[0].dim_value = batch
    for node in copy.graph.node:
        if node.op_type in QUANT_OPS and node.domain not in STANDARD and node.input:
            node.CopyFrom(onnx.helper.make_node("Identity", node.input[:1], node.output[:1], name=node.name))
    try:
        found = onnx.shape_inference.infer_shapes(copy, data_prop=True)
    except Exception:  # noqa: BLE001  (the inference raises whatever a wrong model leads to; then nothing is known)
        found = copy
    shapes: dict[str, tuple[int | str, ...]] = {}
    types: dict[str, int] = {}
    for value in (*found.graph.value_info, *found.graph.output, *found.graph.input):
        _note(value, shapes, types)
    for tensor in proto.graph.initializer:
        shapes[tensor.name], types[tensor.name] = tuple(tensor.dims), tensor.data_type
    return Inferred(shapes, types)


def skeleton(proto: ModelProto) -> ModelProto:
    """Copy a model without its weights and without what it says of its values; weights become inputs."""
    import onnx

    copy = onnx.ModelProto()
    copy.opset_import.extend(proto.opset_import)
    copy.ir_version = max(proto.ir_version, 4)
    copy.functions.extend(proto.functions)
    copy.graph.name = proto.graph.name or "graph"
    copy.graph.node.extend(proto.graph.node)
    copy.graph.input.extend(proto.graph.input)
    copy.graph.output.extend(proto.graph.output)
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    inputs = {value.name for value in proto.graph.input}
    for tensor in proto.graph.initializer:
        if math.prod(tensor.dims) <= LARGE:
            copy.graph.initializer.append(tensor)
        elif tensor.name not in inputs:
            copy.graph.input.append(
                onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
            )
    return copy


def _note(value: ValueInfoProto, shapes: dict[str, tuple[int | str, ...]], types: dict[str, int]) -> None:
    kind = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        return
    if kind.elem_type:
        types[value.name] = kind.elem_type
    if kind.HasField("shape"):
        shapes[value.name] = tuple(
            dim.dim_value if dim.HasField("dim_value") else dim.dim_param or f"d{i}"
            for i, dim in enumerate(kind.shape.dim)
        )
