# SPDX-License-Identifier: Apache-2.0
"""FP16, BF16 and double models computed in float32, as all steps do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnx_ir as ir

TYPE_ATTRIBUTES = frozenset({"to", "dtype", "output_dtype", "stash_type"})


def to_float32(model: ir.Model) -> list[str]:
    """Turn every other floating-point type into float32: constants, casts, inputs and outputs."""
    import onnx_ir as ir

    wrong = {ir.DataType.FLOAT16, ir.DataType.BFLOAT16, ir.DataType.DOUBLE}
    weights: list[str] = []
    settings: set[str] = set()
    values: set[str] = set()
    for graph in model.graphs():
        weights += _initializers(graph, wrong)
        for node in graph:
            settings |= _attributes(node, wrong)
        for value in (*graph.inputs, *graph.outputs, *(out for node in graph for out in node.outputs)):
            if value.dtype in wrong:
                values.add(value.dtype.name)
                value.dtype = ir.DataType.FLOAT
    found = {*weights, *settings, *values}
    return [f"{', '.join(sorted(found))} made FLOAT ({len(weights)} weights)"] if found else []


def _initializers(graph: ir.Graph, wrong: set[ir.DataType]) -> list[str]:
    import onnx_ir as ir

    found = []
    for value in list(graph.initializers.values()):
        tensor = value.const_value
        if tensor is not None and tensor.dtype in wrong:
            found.append(tensor.dtype.name)
            value.const_value = ir.tensor(tensor.numpy().astype(np.float32), name=value.name)
            value.dtype = ir.DataType.FLOAT
    return found


def _attributes(node: ir.Node, wrong: set[ir.DataType]) -> set[str]:
    import onnx_ir as ir

    found = set()
    for name, attribute in list(node.attributes.items()):
        if attribute.is_ref():
            continue
        if attribute.type == ir.AttributeType.TENSOR and attribute.as_tensor().dtype in wrong:
            tensor = attribute.as_tensor()
            found.add(tensor.dtype.name)
            node.attributes[name] = ir.AttrTensor(name, ir.tensor(tensor.numpy().astype(np.float32), name=tensor.name))
        is_type = name in TYPE_ATTRIBUTES and attribute.type == ir.AttributeType.INT
        if is_type and attribute.as_int() in {int(kind) for kind in wrong}:
            found.add(ir.DataType(attribute.as_int()).name)
            node.attributes[name] = ir.AttrInt64(name, int(ir.DataType.FLOAT))
    return found
