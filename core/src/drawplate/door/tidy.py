# SPDX-License-Identifier: Apache-2.0
"""The last strokes: nothing that nobody uses, and shapes of the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.graph.facts import STANDARD
from drawplate.graph.shapes import infer

if TYPE_CHECKING:
    import onnx_ir as ir
    from onnx import ModelProto, ValueInfoProto

BATCHES = (5, 12)
"""What differs between them follows the batch."""


def drop_unused(model: ir.Model) -> list[str]:
    """Remove nodes, initializers and domains that nothing uses, and initializers from the inputs."""
    from onnx_ir.passes.common import RemoveInitializersFromInputsPass, RemoveUnusedNodesPass

    graph = model.graph
    nodes, held, inputs = len(graph), len(graph.initializers), len(graph.inputs)
    RemoveUnusedNodesPass()(model)
    RemoveInitializersFromInputsPass()(model)
    idle = [value for value in graph.inputs if not value.uses() and not value.is_graph_output()]
    if len(idle) < len(graph.inputs):  # a file whose only input is not read is refused for what it is
        for value in idle:
            graph.inputs.remove(value)
    else:
        idle = []
    used = {"" if node.domain in STANDARD else node.domain for node in _all(model)} | {""}
    for domain in [domain for domain in graph.opset_imports if domain not in used]:
        del graph.opset_imports[domain]
    inputs -= len(idle)
    gone, lost = nodes - len(graph), held - len(graph.initializers)
    said = [f"{inputs - len(graph.inputs)} initializers are no inputs"] if inputs > len(graph.inputs) else []
    said += [f"{gone} unused layers dropped"] if gone > 0 else []
    said += [f"input {value.name!r} dropped: nothing reads it" for value in idle]
    return said + ([f"{lost} unused initializers dropped"] if lost > 0 else [])


def _all(model: ir.Model) -> list[ir.Node]:
    import onnx_ir as ir

    return list(ir.traversal.RecursiveGraphIterator(model.graph))


def write_shapes(proto: ModelProto) -> None:
    """Give the outputs their shapes, and leave out those of other values: they follow."""
    del proto.graph.value_info[:]
    first, second = (infer(proto, batch=batch) for batch in BATCHES)
    held = {tensor.name for tensor in proto.graph.initializer}
    batch = next((_batch(value) for value in proto.graph.input if value.name not in held), "N")
    for value in proto.graph.output:
        kind = value.type.tensor_type
        kind.elem_type = first.types.get(value.name, kind.elem_type)
        small, large = first.static(value.name), second.static(value.name)
        if small is None or large is None or len(small) != len(large):
            continue
        kind.ClearField("shape")
        kind.shape.SetInParent()
        for position, sizes in enumerate(zip(small, large, strict=True)):
            dim = kind.shape.dim.add()
            if sizes[0] == sizes[1]:
                dim.dim_value = sizes[0]
            else:
                dim.dim_param = batch if sizes == BATCHES else f"{value.name}_{position}"


def _batch(value: ValueInfoProto) -> str:
    """Name of an input's free first dimension."""
    dims = value.type.tensor_type.shape.dim
    return (dims[0].dim_param if dims else "") or "N"
