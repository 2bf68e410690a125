# SPDX-License-Identifier: Apache-2.0
"""Arithmetic on the input with one number, brought in front of a change of layout: there it can be cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.head import ARITHMETIC
from drawplate.door.values import constant
from drawplate.graph.facts import STANDARD

if TYPE_CHECKING:
    import onnx_ir as ir

VIEWS = frozenset({"Reshape", "Flatten"})


def numbers_first(model: ir.Model) -> list[str]:
    """Let ``2 * flatten(x) - 1`` be ``flatten(2 * x - 1)``, in place: the very same numbers."""
    graph, moved = model.graph, list[str]()
    if len(graph.inputs) != 1 or graph.inputs[0].dtype is None or not graph.inputs[0].dtype.is_floating_point():
        return []
    value = graph.inputs[0]
    view = _only_reader(value)
    while view is not None and view.op_type in VIEWS and view.inputs[0] is value:
        after = _only_reader(view.outputs[0])
        if after is None or not _by_one_number(after, view.outputs[0]):
            break
        _swap(graph, value, view, after)
        moved.append(str(after.name))
        value = after.outputs[0]
        view = _only_reader(value)
    return (
        [f"arithmetic with one number ({', '.join(map(repr, moved))}) moved before a change of shape"] if moved else []
    )


def _only_reader(value: ir.Value) -> ir.Node | None:
    uses = tuple(value.uses())
    node = uses[0].node if len(uses) == 1 and not value.is_graph_output() else None
    return node if node is not None and node.domain in STANDARD else None


def _by_one_number(node: ir.Node, value: ir.Value) -> bool:
    if node.op_type not in ARITHMETIC or node.outputs[0].is_graph_output():
        return False
    others = [constant(side) for side in node.inputs if side is not value]
    return all(other is not None and other.size == 1 and other.ndim <= 1 for other in others) and len(others) == 1


def _swap(graph: ir.Graph, value: ir.Value, view: ir.Node, after: ir.Node) -> None:
    """Let ``after`` read the value itself, and the view what ``after`` gives."""
    makers = [side.producer() for side in after.inputs if side is not None and side is not view.outputs[0]]
    for node in (*(maker for maker in makers if maker is not None), after):
        graph.remove(node)
        graph.insert_before(view, node)
    after.replace_input_with(list(after.inputs).index(view.outputs[0]), value)
    for use in tuple(after.outputs[0].uses()):
        use.node.replace_input_with(use.idx, view.outputs[0])
    view.replace_input_with(0, after.outputs[0])
    view.outputs[0].shape, after.outputs[0].shape = after.outputs[0].shape, value.shape
    view.outputs[0].type = after.outputs[0].type = value.type
