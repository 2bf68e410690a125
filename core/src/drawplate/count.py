# SPDX-License-Identifier: Apache-2.0
"""Parameters and multiply-accumulates of a model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drawplate.errors import ModelError
from drawplate.model_file import QUANT_OPS

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

_RUNNING = (3, 4)  # inputs of BatchNormalization that are statistics, not parameters
_WEIGHTED = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})


def count_parameters(proto: ModelProto) -> int:
    """Count trained numbers: weights, biases, and BatchNormalization's scale and shift; not its statistics.

    Scales, zero points and bit widths of ``Quant`` nodes do not count.
    """
    found: set[str] = set()
    for node in proto.graph.node:
        found |= set(_parameter_inputs(node))
    return sum(math.prod(t.dims) for t in proto.graph.initializer if t.name in found)


def _parameter_inputs(node: NodeProto) -> list[str]:
    if node.op_type in QUANT_OPS and node.domain:
        return [node.input[0]]
    if node.op_type == "BatchNormalization":
        return [name for i, name in enumerate(node.input) if i not in _RUNNING]
    return list(node.input) if node.op_type in (*_WEIGHTED, "PRelu", "Add", "Mul") else []


def count_macs(proto: ModelProto) -> int:
    """Count multiply-accumulates of one image through convolutions and fully connected layers.

    Raises:
        ModelError: when a shape that is needed cannot be inferred.
    """
    shapes = infer_shapes(proto)
    return sum(_node_macs(node, shapes) for node in proto.graph.node if node.op_type in _WEIGHTED)


def infer_shapes(proto: ModelProto) -> dict[str, tuple[int, ...]]:
    """Return the shape of every value whose dimensions are known, the batch being 1.

    Quantizers and other operators of foreign domains are taken to keep the shape of their first input.
    """
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    initialized = {tensor.name for tensor in copy.graph.initializer}
    for value in copy.graph.input:
        if value.name not in initialized and value.type.tensor_type.shape.dim:
            batch = value.type.tensor_type.shape.dim[0]
            if not batch.HasField("dim_value"):
                batch.dim_value = 1
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    del copy.graph.value_info[:]
    for node in copy.graph.node:
        if node.domain not in ("", "ai.onnx"):
            node.CopyFrom(onnx.helper.make_node("Identity", node.input[:1], node.output[:1], name=node.name))
    inferred = onnx.shape_inference.infer_shapes(copy, data_prop=True)
    shapes = {tensor.name: tuple(tensor.dims) for tensor in inferred.graph.initializer}
    for value in (*inferred.graph.input, *inferred.graph.value_info, *inferred.graph.output):
        dims = value.type.tensor_type.shape.dim
        if value.name not in shapes and all(dim.HasField("dim_value") for dim in dims):
            shapes[value.name] = tuple(dim.dim_value for dim in dims)
    return shapes


def _node_macs(node: NodeProto, shapes: dict[str, tuple[int, ...]]) -> int:
    try:
        weight, out, taken = shapes[node.input[1]], shapes[node.output[0]], shapes[node.input[0]]
    except KeyError as error:
        raise ModelError(
            f"the shape of {error} cannot be inferred", where=f"layer {node.name or node.output[0]!r}"
        ) from error
    if node.op_type == "Conv":
        return math.prod(weight[1:]) * math.prod(out)
    if node.op_type == "ConvTranspose":
        return math.prod(weight[1:]) * math.prod(taken)
    if node.op_type == "Gemm":
        return math.prod(weight)
    return math.prod(out) * taken[-1]
