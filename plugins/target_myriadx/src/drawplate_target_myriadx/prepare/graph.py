# SPDX-License-Identifier: Apache-2.0
"""Small changes to ONNX graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

STANDARD = ("", "ai.onnx")


def layer(node: NodeProto) -> str:
    """What messages call a node."""
    return f"layer {name_of(node)!r}"


def name_of(node: NodeProto) -> str:
    """Name of a node, or of its first output where it has none."""
    return str(node.name or node.output[0])


def attribute(node: NodeProto, name: str, default: Any = None) -> Any:
    """Value of an attribute; strings decoded."""
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


def constants(proto: ModelProto) -> dict[str, NDArray[Any]]:
    """Values that are known, by name: initializers and the outputs of ``Constant`` nodes."""
    from onnx import numpy_helper

    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type == "Constant" and (value := attribute(node, "value")) is not None:
            found[node.output[0]] = numpy_helper.to_array(value)
    return found


@define
class Chain:
    """Nodes that take the place of one node."""

    proto: ModelProto
    node: NodeProto
    nodes: list[NodeProto] = field(factory=list)

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Append an operator, and return the name of its output."""
        from onnx import helper

        name = f"{name_of(self.node)}/{len(self.nodes)}.{kind}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def number(self, value: float) -> str:
        """Append a float constant, and return its name."""
        import numpy as np

        return self.array(f"{len(self.proto.graph.initializer)}", np.asarray(value, np.float32))

    def array(self, name: str, value: NDArray[Any]) -> str:
        """Append a constant, and return its name."""
        from onnx import numpy_helper

        full = f"{name_of(self.node)}/constant.{name}"
        self.proto.graph.initializer.append(numpy_helper.from_array(value, full))
        return full

    def clip(self, value: str, low: float, high: float) -> str:
        """Append a Clip as the model's opset writes it."""
        if opset(self.proto) < 11:
            return self.add("Clip", value, min=low, max=high)
        return self.add("Clip", value, self.number(low), self.number(high))

    def finish(self, value: str) -> list[NodeProto]:
        """Give the value the replaced node's output name, and return the nodes."""
        last = next(node for node in self.nodes if node.output[0] == value)
        for node in self.nodes:
            for index, name in enumerate(node.input):
                if name == value:
                    node.input[index] = self.node.output[0]
        last.output[0] = self.node.output[0]
        return self.nodes


def replace_nodes(proto: ModelProto, replaced: dict[int, list[NodeProto]]) -> None:
    """Put other nodes in the place of some, by index."""
    nodes: list[NodeProto] = []
    for index, node in enumerate(proto.graph.node):
        nodes.extend(replaced.get(index, [node]))
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del proto.graph.node[:]
    proto.graph.node.extend(copies)
