# SPDX-License-Identifier: Apache-2.0
"""The last strokes: nothing that nobody uses, and shapes of the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.graph.facts import STANDARD
from drawplate.graph.shapes import infer

if TYPE_CHECKING:
    import onnx_ir as ir
    from onnx import ModelProto


def drop_unused(model: ir.Model) -> list[str]:
    """Remove nodes, initializers and domains that nothing uses, and initializers from the inputs."""
    from onnx_ir.passes.common import RemoveInitializersFromInputsPass, RemoveUnusedNodesPass

    graph = model.graph
    nodes, held, inputs = len(graph), len(graph.initializers), len(graph.inputs)
    RemoveUnusedNodesPass()(model)
    RemoveInitializersFromInputsPass()(model)
    used = {"" if node.domain in STANDARD else node.domain for node in _all(model)} | {""}
    for domain in [domain for domain in graph.opset_imports if domain not in used]:
        del graph.opset_imports[domain]
    gone, lost = nodes - len(graph), held - len(graph.initializers)
    said = [f"{inputs - len(graph.inputs)} initializers are no inputs"] if inputs > len(graph.inputs) else []
    said += [f"{gone} unused layers dropped"] if gone > 0 else []
    return said + ([f"{lost} unused initializers dropped"] if lost > 0 else [])


def _all(model: ir.Model) -> list[ir.Node]:
    import onnx_ir as ir

    return list(ir.traversal.RecursiveGraphIterator(model.graph))


def write_shapes(proto: ModelProto) -> None:
    """Give the outputs their shapes, and leave out those of other values: they follow."""
    del proto.graph.value_info[:]
    inferred = infer(proto, batch=None)
    for value in proto.graph.output:
        kind = value.type.tensor_type
        if value.name in inferred.types:
            kind.elem_type = inferred.types[value.name]
        shape = inferred.shapes.get(value.name)
        kind.ClearField("shape")
        if shape is None:
            continue
        kind.shape.SetInParent()
        for size in shape:
            dim = kind.shape.dim.add()
            if isinstance(size, int):
                dim.dim_value = size
            else:
                dim.dim_param = size
