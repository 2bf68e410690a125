# SPDX-License-Identifier: Apache-2.0
"""Images come in as [N, C, H, W]: what takes channels last, or a row of grey pixels, gets an operator in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import onnx_ir as ir

TO_LAST = (0, 2, 3, 1)


def images_first(model: ir.Model, data: tuple[int, ...] | None) -> list[str]:
    """Put a Transpose or a Flatten in front of the only input, where that makes it fit the data."""
    import onnx_ir as ir

    graph = model.graph
    if data is None or len(data) != 3 or len(graph.inputs) != 1 or graph.inputs[0].shape is None:
        return []
    value = graph.inputs[0]
    batch, *shape = list(value.shape or ())
    channels, height, width = data
    if tuple(shape) == tuple(data):
        return []
    if tuple(shape) == (height, width, channels):
        node = ir.node("Transpose", [value], attributes={"perm": list(TO_LAST)})
    elif tuple(shape) == (height * width,) and channels == 1:
        node = ir.node("Flatten", [value], attributes={"axis": 1})
    else:
        return []
    name = f"{value.name}.as_given"
    node.name = node.outputs[0].name = name
    inside = node.outputs[0]
    inside.shape, inside.type = value.shape, value.type
    for use in tuple(value.uses()):
        if use.node is not node:
            use.node.replace_input_with(use.idx, inside)
    first = next(iter(graph), None)
    if first is None:
        graph.append(node)
    else:
        graph.insert_before(first, node)
    value.shape = ir.Shape([batch, *data])
    return [f"{node.op_type} put in front: the input takes {['N', *data]}"]


def cancel_transposes(model: ir.Model) -> list[str]:
    """Remove two Transposes in a row that undo each other."""
    count = 0
    for node in list(model.graph):
        if node.op_type != "Transpose" or node.domain or node.inputs[0] is None:
            continue
        before = node.inputs[0].producer()
        if before is None or before.op_type != "Transpose" or before.domain or before.inputs[0] is None:
            continue
        first, second = (part.attributes.get("perm") for part in (before, node))
        if first is None or second is None or node.outputs[0].is_graph_output():
            continue
        if [first.as_ints()[position] for position in second.as_ints()] != list(range(len(first.as_ints()))):
            continue
        node.outputs[0].replace_all_uses_with(before.inputs[0])
        model.graph.remove(node, safe=True)
        if not before.outputs[0].uses() and not before.outputs[0].is_graph_output():
            model.graph.remove(before, safe=True)
        count += 1
    return [f"{count} pairs of Transpose that undo each other removed"] if count else []
