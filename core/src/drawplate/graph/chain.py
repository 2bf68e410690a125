# SPDX-License-Identifier: Apache-2.0
"""Nodes that take the place of one node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

from drawplate.graph.nodes import name_of, opset

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto


@define
class Chain:
    """Grows node by node; names follow from the node that is replaced."""

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
        if opset(self.proto) < CLIP_BY_INPUTS:
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


CLIP_BY_INPUTS = 11
"""From this opset on, a Clip takes its limits as inputs."""
