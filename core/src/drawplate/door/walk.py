# SPDX-License-Identifier: Apache-2.0
"""Every list of nodes of a model, those of branches and local functions too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

Nodes = Any
"""Protobuf's repeated field of nodes."""


def bodies(proto: ModelProto) -> Iterator[Nodes]:
    """Yield the nodes of the graph, of the graphs inside it, and of functions."""
    stack = [proto.graph.node, *(function.node for function in proto.functions)]
    while stack:
        body = stack.pop()
        yield body
        stack.extend(graph.node for node in body for graph in inner_graphs(node))


def inner_graphs(node: NodeProto) -> Iterator[GraphProto]:
    """Yield the graphs that a node holds."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs
