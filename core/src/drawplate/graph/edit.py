# SPDX-License-Identifier: Apache-2.0
"""An ONNX model that is being changed, or only read: who makes a value, who reads it, names that are free."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from drawplate.graph.nodes import constants

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

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
        return constants(self.proto)

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
