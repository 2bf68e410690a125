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
    found: set[str] = set()
    weights = 0
    for graph in model.graphs():
        for value in (*graph.inputs, *graph.outputs):
            if value.dtype in wrong:
                found.add(value.dtype.name)
        for value in list(graph.initializers.values()):
            tensor = value.const_value
            if tensor is not None and tensor.dtype in wrong:
                found.add(tensor.dtype.name)
                value.const_value = ir.tensor(tensor.numpy().astype(np.float32), name=value.name)
                value.dtype = ir.DataType.FLOAT
                weights += 1
        for node in graph:
            found |= _attributes(node, wrong)
    if not found:
        return []
    for graph in model.graphs():
        for value in (*graph.inputs, *graph.outputs, *(out for node in graph for out in node.outputs)):
            if value.dtype in wrong:
                value.dtype = ir.DataType.FLOAT
    return [f"{', '.join(sorted(found))} made FLOAT ({weights} weights)"]


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
