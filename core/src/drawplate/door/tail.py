# SPDX-License-Identifier: Apache-2.0
"""Softmax, ArgMax and the like at the very end: cut off, for the host.

No step needs them: the greatest logit stays the greatest, training wants logits, and no accelerator computes them
better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.ends import End
from drawplate.door.values import constant
from drawplate.graph.facts import STANDARD

if TYPE_CHECKING:
    import onnx_ir as ir

TAILS = frozenset({"Softmax", "LogSoftmax", "Hardmax", "ArgMax", "TopK"})
GATES = frozenset({"Sigmoid"})
"""A tail where it makes probabilities of logits; part of the network where its output is a picture or a quantity."""
VIEWS = frozenset({"Cast", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Transpose", "QuantizeLinear", "Log"})
"""Part of a tail where they stand behind one."""
OTHER_DOMAINS = frozenset({"ai.onnx.ml"})


def cut_tail(model: ir.Model, *, gates: bool) -> tuple[End | None, list[str]]:
    """Cut the tail off in place.

    Args:
        model: what it is cut from.
        gates: whether a Sigmoid is one.
    """
    import onnx_ir as ir

    graph = model.graph
    kinds = TAILS | (GATES if gates else frozenset())
    region = _region(graph, kinds)
    if not region:
        return None, []
    outputs = list(graph.outputs)
    trunk = _entries(region, outputs)
    if any(value.producer() is None for value in trunk):
        return None, []
    view = ir.convenience.extract(graph, trunk, outputs)
    ops = tuple(node.op_type for node in view if node.op_type != "Constant")
    names = [str(node.name) for node in region if node.op_type in kinds]
    written = ir.to_proto(view)
    graph.outputs.clear()
    graph.outputs.extend(trunk)
    left, kept = (", ".join(map(repr, some)) for some in (names, [value.name for value in trunk]))
    return End(ops=ops, graph=written), [f"{', '.join(ops)} at the end ({left}) left to the host: the output is {kept}"]


def _region(graph: ir.Graph, kinds: frozenset[str]) -> list[ir.Node]:
    """Nodes that only the outputs need, begun by a node of these kinds; in order."""
    inside: set[ir.Node] = set()
    for node in reversed(graph):
        wanted = (
            node.op_type in kinds | VIEWS and node.domain in STANDARD and not (_mixes_items(node) or _smallest(node))
        )
        others = all(value is None or constant(value) is not None for value in node.inputs[1:])
        alone = all(use.node in inside for out in node.outputs for use in out.uses())
        read = any(out.uses() or out.is_graph_output() for out in node.outputs)
        if wanted and others and alone and read:
            inside.add(node)
    again = True
    while again:
        begins = [node for node in inside if node.inputs[0] is None or node.inputs[0].producer() not in inside]
        peeled = [node for node in begins if node.op_type in VIEWS]
        inside.difference_update(peeled)
        again = bool(peeled)
    return [node for node in graph if node in inside]


def _smallest(node: ir.Node) -> bool:
    """Whether it takes the smallest numbers: what is trained to be greatest is not what the file would answer."""
    return node.op_type == "TopK" and not node.attributes.get_int("largest", 1)


def _mixes_items(node: ir.Node) -> bool:
    """Whether it compares the items of a batch with each other, and no classes of one item."""
    if node.op_type not in TAILS:
        return False
    usual = 0 if node.op_type == "ArgMax" else -1
    axis = node.attributes.get_int("axis", usual)
    # The result's rank, too, where it is known only there: but for a dimension that ArgMax drops, it is the same.
    ranks = [len(value.shape) for value in (node.inputs[0], node.outputs[0]) if value is not None and value.shape]
    return axis == 0 or axis == -(ranks[0] if ranks else 2)


def _entries(region: list[ir.Node], outputs: list[ir.Value]) -> list[ir.Value]:
    """Values that go into the region, or straight to an output: the outputs of what is left."""
    inside = set(region)
    found: dict[ir.Value, None] = {}
    for output in outputs:
        value: ir.Value | None = output
        while value is not None and value.producer() in inside:
            maker = value.producer()
            assert maker is not None
            value = maker.inputs[0]
        if value is not None:
            found[value] = None
    return list(found)
