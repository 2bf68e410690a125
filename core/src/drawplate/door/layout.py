# SPDX-License-Identifier: Apache-2.0
"""Images come in as [N, C, H, W]: what takes channels last, or a row of grey pixels, gets an operator in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.ends import End
from drawplate.door.values import constant

if TYPE_CHECKING:
    import onnx_ir as ir

TO_LAST, TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


def images_first(model: ir.Model, data: tuple[int, ...] | None, head: End | None) -> tuple[End | None, list[str]]:
    """Put a Transpose or a Flatten in front of the only input, where that makes it fit the data.

    Returns:
        The head with what undoes it, for those who feed what the file takes.
    """
    graph = model.graph
    if data is None or len(data) != 3 or len(graph.inputs) != 1 or graph.inputs[0].shape is None:
        return head, []
    value = graph.inputs[0]
    shape = tuple((value.shape or ())[1:])
    channels, height, width = data
    if shape == tuple(data):
        return head, []
    if shape == (height, width, channels):
        kind = "Transpose"
    elif shape == (height * width,) and channels == 1:
        kind = "Flatten"
    else:
        return head, []
    undone = _undone(value, kind, data, head)
    _put_in_front(graph, value, kind, data)
    return undone, [f"{kind} put in front: the input takes {['N', *data]}"]


def _put_in_front(graph: ir.Graph, value: ir.Value, kind: str, data: tuple[int, ...]) -> None:
    import onnx_ir as ir

    attributes: dict[str, int | tuple[int, ...]] = {"perm": TO_LAST} if kind == "Transpose" else {"axis": 1}
    name = f"{value.name}.as_given"
    node = ir.node(kind, [value], attributes=attributes, name=name)
    inside = node.outputs[0]
    inside.name, inside.shape, inside.type = name, value.shape, value.type
    for use in tuple(value.uses()):
        if use.node is not node:
            use.node.replace_input_with(use.idx, inside)
    first = next(iter(graph), None)
    if first is None:
        graph.append(node)
    else:
        graph.insert_before(first, node)
    assert value.shape is not None
    value.shape = ir.Shape([value.shape[0], *data])


def _undone(value: ir.Value, kind: str, data: tuple[int, ...], head: End | None) -> End:
    """Return a head that takes what the file takes, and gives what the model takes now."""
    import attrs
    import onnx
    import onnx_ir as ir

    taken, name = str(value.name), f"{value.name}.first"
    given = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
    graph = onnx.GraphProto(name="head")
    if head is not None:
        graph.CopyFrom(head.graph)
    else:
        graph.input.append(ir.to_proto(value))
    if kind == "Transpose":
        graph.node.append(onnx.helper.make_node(kind, [taken], [name], name=name, perm=TO_FIRST))
    else:
        graph.initializer.append(onnx.helper.make_tensor(f"{name}.shape", onnx.TensorProto.INT64, [4], [-1, *data]))
        graph.node.append(onnx.helper.make_node("Reshape", [taken, f"{name}.shape"], [name], name=name))
    del graph.output[:]
    graph.output.append(given)
    ops = (*(head.ops if head else ()), graph.node[-1].op_type)
    return attrs.evolve(head, ops=ops, graph=graph) if head else End(ops=ops, graph=graph)


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


def join_reshapes(model: ir.Model) -> list[str]:
    """Remove a Reshape whose only reader is another one with a target that it does not depend on."""
    count = 0
    for node in list(model.graph):
        if node.op_type != "Reshape" or node.domain or node.inputs[0] is None:
            continue
        before, target = node.inputs[0].producer(), constant(node.inputs[1])
        if before is None or before.op_type != "Reshape" or before.domain or target is None or not target.all():
            continue
        if len(tuple(before.outputs[0].uses())) == 1 and not before.outputs[0].is_graph_output():
            node.replace_input_with(0, before.inputs[0])
            model.graph.remove(before, safe=True)
            count += 1
    return [f"{count} Reshapes in a row joined"] if count else []
