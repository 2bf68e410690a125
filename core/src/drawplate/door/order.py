# SPDX-License-Identifier: Apache-2.0
"""Nodes in an order in which they can be computed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from drawplate.door.walk import inner_graphs
from drawplate.errors import ModelError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto


def sort_nodes(proto: ModelProto) -> list[str]:
    """Sort the graph's nodes where they are not sorted, in place and in linear time.

    Raises:
        ModelError: when nodes go round in a circle.
    """
    made = {name: i for i, node in enumerate(proto.graph.node) for name in node.output if name}
    needs = [{made[name] for name in _read_by(node) if name in made} for node in proto.graph.node]
    if all(need < i for i, wanted in enumerate(needs) for need in wanted):
        return []
    readers: dict[int, list[int]] = {}
    for i, wanted in enumerate(needs):
        for need in wanted:
            readers.setdefault(need, []).append(i)
    left = [len(wanted) for wanted in needs]
    ready = deque(i for i, count in enumerate(left) if not count)
    order: list[int] = []
    while ready:
        i = ready.popleft()
        order.append(i)
        for reader in readers.get(i, ()):
            left[reader] -= 1
            if not left[reader]:
                ready.append(reader)
    if len(order) < len(left):
        stuck = next(node for node, count in zip(proto.graph.node, left, strict=True) if count)
        raise ModelError("needs its own output", where=f"layer {stuck.name or stuck.output[0]!r}")
    _reorder(proto.graph, order)
    return ["nodes sorted"]


def _read_by(node: NodeProto) -> set[str]:
    """Names that a node reads, inside its branches too."""
    found = set(node.input)
    stack = list(inner_graphs(node))
    while stack:
        for inner in stack.pop().node:
            found.update(inner.input)
            stack.extend(inner_graphs(inner))
    return found


def _reorder(graph: GraphProto, order: list[int]) -> None:
    nodes = [type(node).FromString(node.SerializeToString()) for node in graph.node]
    del graph.node[:]
    graph.node.extend(nodes[i] for i in order)
