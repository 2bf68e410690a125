# SPDX-License-Identifier: Apache-2.0
"""Which of the model's layers a node comes from, after ONNX Runtime fused some and wrote others out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drawplate.graph.nodes import name_of

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


def restore_names(proto: ModelProto, source: ModelProto) -> None:
    """Name fused nodes by the first of those that they were fused from, as the model calls it; no name comes twice."""
    names = {name_of(node) for node in source.graph.node}
    taken = {node.name for node in proto.graph.node}
    producers = _producers(source)
    for node in proto.graph.node:
        origin = producers.get(node.output[0])
        if name_of(node) in names or origin is None:
            continue
        while origin.input and origin.input[0] not in node.input and origin.input[0] in producers:
            origin = producers[origin.input[0]]
        node.name = name = name_of(origin)
        count = 1
        while node.name in taken:
            count += 1
            node.name = f"{name}.{count}"
        taken.add(node.name)


def origins(proto: ModelProto, source: ModelProto) -> Mapping[str, NodeProto]:
    """Return, by their first output, the model's layers whose parts ONNX Runtime wrote out as nodes of its own.

    A part's layer is the first one of the model that its result goes into.
    """
    known = _producers(source)
    found: dict[str, NodeProto] = {}
    readers: dict[str, NodeProto] = {}
    for node in reversed(proto.graph.node):
        if node.output[0] not in known:
            reader = readers.get(node.output[0])
            origin = None if reader is None else found.get(reader.output[0], known.get(reader.output[0]))
            if origin is not None:
                found[node.output[0]] = origin
        readers |= dict.fromkeys(node.input, node)
    return found


def _producers(proto: ModelProto) -> dict[str, NodeProto]:
    return {output: node for node in proto.graph.node for output in node.output}
