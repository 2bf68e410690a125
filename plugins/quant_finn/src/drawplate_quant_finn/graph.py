# SPDX-License-Identifier: Apache-2.0
"""What quantized layers are in an ONNX graph; see ``drawplate.graph`` for who makes and who reads a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from drawplate.graph.edit import Graph, StillGraph
from drawplate.graph.facts import QONNX_DOMAIN
from drawplate.graph.nodes import opset

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

__all__ = [
    "QONNX_DOMAIN",
    "QUANTIZERS",
    "Graph",
    "StillGraph",
    "attribute",
    "gives_codes",
    "is_quantizer",
    "opset",
    "prepare",
    "weight_of",
    "weighted_nodes",
]

QUANTIZERS = frozenset({"Quant", "IntQuant", "BipolarQuant"})


def attribute(node: NodeProto, name: str, default: Any = None) -> Any:
    """Return the value of an attribute, or the default."""
    from onnx import helper

    return next((helper.get_attribute_value(found) for found in node.attribute if found.name == name), default)


def prepare(proto: ModelProto) -> None:
    """Name every node, import QONNX's operators, and list as inputs only what is fed: exporters also list weights."""
    from onnx import helper

    taken = {node.name for node in proto.graph.node}
    seen: set[str] = set()
    for number, node in enumerate(proto.graph.node):
        if not node.name or node.name in seen:
            wish = f"{node.name or node.op_type.lower()}_{number}"
            node.name = wish if wish not in taken else f"{wish}_x"
        seen.add(node.name)
    if QONNX_DOMAIN not in {entry.domain for entry in proto.opset_import}:
        proto.opset_import.append(helper.make_opsetid(QONNX_DOMAIN, 1))
    weights = {tensor.name for tensor in proto.graph.initializer}
    for value in [value for value in proto.graph.input if value.name in weights]:
        proto.graph.input.remove(value)


def is_quantizer(node: NodeProto | None) -> bool:
    """Tell whether a node is one of QONNX's quantizers."""
    return node is not None and node.op_type in QUANTIZERS and bool(node.domain)


def gives_codes(node: NodeProto | None) -> bool:
    """Tell whether a node is one of QONNX's quantizers, or drops bits of what they gave."""
    return is_quantizer(node) or (node is not None and node.op_type == "Trunc" and bool(node.domain))


def weighted_nodes(proto: ModelProto) -> Iterator[NodeProto]:
    """Yield matrix products and convolutions whose second input comes from a constant, as they are when asked."""
    graph = StillGraph(proto)
    yield from [node for node in graph.nodes if weight_of(graph, node) is not None]


def weight_of(graph: Graph, node: NodeProto) -> str | None:
    """Return the initializer that a layer's weights come from, through quantizers and changes of layout.

    None for any other node.
    """
    if node.op_type not in {"Conv", "Gemm", "MatMul"} or node.domain:
        return None
    makers, arrays = graph.makers(), graph.arrays()
    value = str(node.input[1])
    while value not in arrays:
        maker = makers.get(value)
        if maker is None or not (is_quantizer(maker) or maker.op_type in {"Transpose", "Identity", "Reshape"}):
            return None
        value = str(maker.input[0])
    return value
