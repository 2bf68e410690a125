# SPDX-License-Identifier: Apache-2.0
"""What is needed of an ONNX graph to read FINN's layers, without FINN."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from onnx import GraphProto, NodeProto, helper, numpy_helper

from drawplate.errors import ModelError
from drawplate_dataflow.network.types import Integers, IntType, parse_type

_BACKEND = re.compile(r"_(hls|rtl)$")


@frozen
class Node:
    """A node with its attributes as Python values."""

    kind: str
    """Operator, without FINN's ``_hls`` or ``_rtl``."""
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(repr=False)

    @property
    def where(self) -> str:
        """The node, as messages name it."""
        return f"node {self.name} ({self.kind})"

    def integer(self, key: str, default: int | None = None) -> int:
        """Return an integer attribute.

        Raises:
            ModelError: when it is absent and has no default.
        """
        value = self.attributes.get(key, default)
        if value is None:
            raise ModelError(f"the attribute {key} is missing", where=self.where)
        return int(value)

    def pair(self, key: str) -> tuple[int, int]:
        """Return an attribute of two integers; one stands for both."""
        values = [int(value) for value in np.atleast_1d(self.attributes.get(key, []))]
        if len(values) not in {1, 2}:
            raise ModelError(f"the attribute {key} should be two integers, not {values}", where=self.where)
        return values[0], values[-1]

    def text(self, key: str, default: str = "") -> str:
        """Return a text attribute."""
        value = self.attributes.get(key, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    def type(self, key: str) -> IntType:
        """Return a data type attribute.

        Raises:
            ModelError: when it is not an integer type.
        """
        try:
            return parse_type(self.text(key))
        except ModelError as error:
            raise error.at(f"{self.where}, {key}") from None


def read_node(node: NodeProto) -> Node:
    """Read a node."""
    values = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    kind = _BACKEND.sub("", node.op_type)
    return Node(kind, node.name or node.output[0], tuple(node.input), tuple(node.output), values)


@frozen
class Constants:
    """Initializers by name."""

    arrays: Mapping[str, np.ndarray] = field(repr=False)

    def integers(self, node: Node, position: int) -> Integers:
        """Return an input of a node that has to be a constant of whole numbers.

        Raises:
            ModelError: when it is not.
        """
        name = node.inputs[position] if position < len(node.inputs) else ""
        if name not in self.arrays:
            raise ModelError(f"input {position} ({name!r}) is not a constant", where=node.where)
        array = self.arrays[name]
        if not np.array_equal(array, np.round(array)):
            raise ModelError(f"the constant {name!r} holds fractions; this graph is not lowered", where=node.where)
        return array.astype(np.int64)


def constants(graph: GraphProto) -> Constants:
    """Read the initializers of a graph."""
    return Constants({item.name: numpy_helper.to_array(item) for item in graph.initializer})


def annotated_type(graph: GraphProto, tensor: str) -> IntType | None:
    """Return the data type that QONNX's annotation gives a tensor, or None without one."""
    for note in graph.quantization_annotation:
        if note.tensor_name == tensor:
            for entry in note.quant_parameter_tensor_names:
                if entry.key == "finn_datatype" and not entry.value.startswith("FLOAT"):
                    return parse_type(entry.value)
    return None
