# SPDX-License-Identifier: Apache-2.0
"""``If`` whose condition is known: the branch that is taken, in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.values import constant
from drawplate.errors import ModelError
from drawplate.graph.facts import STANDARD

if TYPE_CHECKING:
    import onnx_ir as ir


def take_branches(model: ir.Model) -> list[str]:
    """Put the taken branch of every ``If`` with a constant condition in its place."""
    changes = []
    again = True
    while again:
        again = False
        for node in list(model.graph):
            if node.op_type != "If" or node.domain:
                continue
            condition = constant(node.inputs[0])
            if condition is None or condition.size != 1:
                continue
            _inline(model.graph, node, "then_branch" if condition.reshape(-1)[0] else "else_branch")
            changes.append(f"{node.name or 'If'!r} always takes one branch, which is in its place")
            again = True
    return changes


def refuse_endless(model: ir.Model) -> None:
    """Refuse a Loop that nobody will see the end of.

    Raises:
        ModelError: by layer name.
    """
    for node in model.graph:
        if node.op_type != "Loop" or node.domain not in STANDARD:
            continue
        trips = constant(node.inputs[0])
        if trips is not None and trips.size == 1 and int(trips.reshape(-1)[0]) > MOST_TRIPS:
            raise ModelError(
                f"goes round {int(trips.reshape(-1)[0]):,} times",
                where=f"layer {node.name!r}",
                allowed=f"at most {MOST_TRIPS:,}",
                hint="export the model without the loop",
            )


MOST_TRIPS = 1_000_000


def _inline(graph: ir.Graph, node: ir.Node, branch: str) -> None:
    import onnx_ir as ir

    body = node.attributes[branch].as_graph()
    results = list(body.outputs)
    for name, value in list(body.initializers.items()):
        body.initializers.pop(name)
        value.name = f"{node.name or 'if'}/{name}"
        graph.register_initializer(value)
    inner = list(body)
    body.remove(inner)
    graph.insert_before(node, inner)
    for given, result in zip(node.outputs, results, strict=True):
        label = given.name
        ir.convenience.replace_all_uses_with(given, result, replace_graph_outputs=True)
        if result.is_graph_output():
            result.name = label
    graph.remove(node, safe=True)
