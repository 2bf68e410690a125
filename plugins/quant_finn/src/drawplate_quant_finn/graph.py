# SPDX-License-Identifier: Apache-2.0
"""A little help with ONNX graphs: who makes a value, who reads it, names that are free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

QONNX_DOMAIN = "qonnx.custom_op.general"
QUANTIZERS = frozenset({"Quant", "IntQuant", "BipolarQuant"})
LAYOUT_OPS = frozenset(
    {"Flatten", "Reshape", "Transpose", "Identity", "Dropout", "Squeeze", "Unsqueeze", "MaxPool", "Pad"}
)
"""Operators that pass values on as they are: a quantized input gives a quantized output on the same grid."""


class Graph:
    """An ONNX model that is being changed."""

    def __init__(self, proto: ModelProto) -> None:
        self.proto = proto
        self._names = {name for node in proto.graph.node for name in (*node.input, *node.output)}
        self._names |= {tensor.name for tensor in proto.graph.initializer}
        self._names |= {value.name for value in (*proto.graph.input, *proto.graph.output)}

    @property
    def nodes(self) -> list[NodeProto]:
        """The nodes, in order."""
        return list(self.proto.graph.node)

    @property
    def input(self) -> str:
        """Name of the first input that is no initializer."""
        given = {tensor.name for tensor in self.proto.graph.initializer}
        return next(str(value.name) for value in self.proto.graph.input if value.name not in given)

    def makers(self) -> dict[str, NodeProto]:
        """Map a value to the node that makes it."""
        return {output: node for node in self.proto.graph.node for output in node.output}

    def readers(self, value: str) -> list[NodeProto]:
        """Return the nodes that read a value."""
        return [node for node in self.proto.graph.node if value in node.input]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all constants by name: initializers, and what Constant nodes hold."""
        from onnx import numpy_helper

        found = {tensor.name: numpy_helper.to_array(tensor) for tensor in self.proto.graph.initializer}
        for node in self.proto.graph.node:
            if node.op_type == "Constant" and not node.domain:
                found[node.output[0]] = constant_value(node)
        return found

    def fresh(self, wish: str) -> str:
        """Return a value name that nobody has, the wished one where it is free."""
        name, count = wish, 1
        while name in self._names:
            count += 1
            name = f"{wish}_{count}"
        self._names.add(name)
        return name

    def add_array(self, wish: str, value: NDArray[Any]) -> str:
        """Add an initializer and return its name."""
        from onnx import numpy_helper

        name = self.fresh(wish)
        self.proto.graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    def insert_before(self, reader: NodeProto, new: Sequence[NodeProto]) -> None:
        """Insert nodes in front of one."""
        position = self.nodes.index(reader)
        for offset, node in enumerate(new):
            self.proto.graph.node.insert(position + offset, node)

    def redirect(self, old: str, new: str, readers: Sequence[NodeProto] | None = None) -> None:
        """Let readers of a value, by default all, read another one."""
        for node in self.readers(old) if readers is None else readers:
            for index, name in enumerate(node.input):
                if name == old:
                    node.input[index] = new

    def drop(self, node: NodeProto) -> None:
        """Remove a node of one input and one output; its readers read its input."""
        self.proto.graph.node.remove(node)
        self.redirect(node.output[0], node.input[0])

    def source(self, value: str) -> str:
        """Follow a value up through operators that pass values on, to where it is computed."""
        makers = self.makers()
        while value in makers and makers[value].op_type in LAYOUT_OPS:
            value = makers[value].input[0]
        return value


class StillGraph(Graph):
    """An ONNX model that is only read: who makes a value is found out once, not for every question."""

    @cached_property
    def _makers(self) -> dict[str, NodeProto]:
        return super().makers()

    @cached_property
    def _arrays(self) -> dict[str, NDArray[Any]]:
        return super().arrays()

    def makers(self) -> dict[str, NodeProto]:
        """Map a value to the node that makes it."""
        return self._makers

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all constants by name."""
        return self._arrays


def attribute(node: NodeProto, name: str, default: Any = None) -> Any:
    """Return the value of an attribute, or the default."""
    from onnx import helper

    return next((helper.get_attribute_value(found) for found in node.attribute if found.name == name), default)


def constant_value(node: NodeProto) -> NDArray[Any]:
    """Return what a Constant node holds."""
    import numpy as np
    from onnx import numpy_helper

    tensor = attribute(node, "value")
    if tensor is not None:
        return numpy_helper.to_array(tensor)
    for name, kind in (("value_float", np.float32), ("value_floats", np.float32)):
        found = attribute(node, name)
        if found is not None:
            return np.asarray(found, dtype=kind)
    return np.asarray(attribute(node, "value_int", attribute(node, "value_ints")), dtype=np.int64)


def is_quantizer(node: NodeProto | None) -> bool:
    """Tell whether a node is one of QONNX's quantizers."""
    return node is not None and node.op_type in QUANTIZERS and bool(node.domain)


def opset(proto: ModelProto) -> int:
    """Version of the standard operators."""
    return next((entry.version for entry in proto.opset_import if entry.domain in {"", "ai.onnx"}), 1)


def metadata(proto: ModelProto, key: str) -> str | None:
    """Return what the model's metadata say under ``drawplate.<key>``."""
    return next((entry.value for entry in proto.metadata_props if entry.key == f"drawplate.{key}"), None)


def set_metadata(proto: ModelProto, key: str, value: object) -> None:
    """Write ``drawplate.<key>`` into the model's metadata."""
    for entry in proto.metadata_props:
        if entry.key == f"drawplate.{key}":
            entry.value = str(value)
            return
    proto.metadata_props.add(key=f"drawplate.{key}", value=str(value))


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
