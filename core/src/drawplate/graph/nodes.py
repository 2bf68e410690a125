# SPDX-License-Identifier: Apache-2.0
"""Small questions about ONNX nodes and models as protobuf holds them, and small changes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.graph.facts import QUANT_OPS, STANDARD

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto


def name_of(node: NodeProto) -> str:
    """Name of a node, or of its first output where it has none."""
    return str(node.name or node.output[0])


def layer(node: NodeProto) -> str:
    """What messages call a node."""
    return f"layer {name_of(node)!r}"


def is_quantizer(node: NodeProto | None) -> bool:
    """Whether a node is one of QONNX's quantizers."""
    return node is not None and node.op_type in QUANT_OPS and node.domain not in STANDARD


def attribute(node: NodeProto, name: str, default: Any = None) -> Any:
    """Value of an attribute, strings decoded; the default where it is absent."""
    from onnx import helper

    for entry in node.attribute:
        if entry.name == name:
            value = helper.get_attribute_value(entry)
            return value.decode() if isinstance(value, bytes) else value
    return default


def drop_attribute(node: NodeProto, *names: str) -> None:
    """Remove attributes."""
    kept = [entry for entry in node.attribute if entry.name not in names]
    del node.attribute[:]
    node.attribute.extend(kept)


def set_attribute(node: NodeProto, name: str, value: Any) -> None:
    """Set an attribute."""
    from onnx import helper

    drop_attribute(node, name)
    node.attribute.append(helper.make_attribute(name, value))


def opset(proto: ModelProto) -> int:
    """Version of the standard operators; 0 where the model imports none."""
    return next((entry.version for entry in proto.opset_import if entry.domain in STANDARD), 0)


def constant_value(node: NodeProto) -> NDArray[Any]:
    """What a Constant node holds."""
    import numpy as np
    from onnx import numpy_helper

    (entry,) = node.attribute
    value = attribute(node, entry.name)
    if entry.name == "value":
        return numpy_helper.to_array(value)
    return np.asarray(value, np.float32 if "float" in entry.name else np.int64)


def constants(proto: ModelProto) -> dict[str, NDArray[Any]]:
    """Values that are known, by name: initializers, and what Constant nodes hold."""
    from onnx import numpy_helper

    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type == "Constant" and node.domain in STANDARD and "string" not in node.attribute[0].name:
            found[node.output[0]] = constant_value(node)
    return found


def replace_nodes(proto: ModelProto, replaced: dict[int, list[NodeProto]]) -> None:
    """Put other nodes in the place of some, by index."""
    nodes: list[NodeProto] = []
    for index, node in enumerate(proto.graph.node):
        nodes.extend(replaced.get(index, [node]))
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(copies)


def drop_unused_domains(proto: ModelProto) -> None:
    """Leave out imports of operator domains that no node is of; the standard one stays."""
    used = {"" if node.domain in STANDARD else node.domain for node in proto.graph.node} | {""}
    kept = [entry for entry in proto.opset_import if ("" if entry.domain in STANDARD else entry.domain) in used]
    del proto.opset_import[:]
    proto.opset_import.extend(kept)
