# SPDX-License-Identifier: Apache-2.0
"""A reading aid for one classifier's ONNX graph: shapes, producers, what is an activation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from drawplate.count import infer_shapes
from drawplate.errors import ModelError
from drawplate.graph.facts import QUANT_OPS

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

ACTIVATIONS: Final = frozenset(
    {"Relu", "LeakyRelu", "PRelu", "Clip", "HardSwish", "HardSigmoid", "Sigmoid", "Tanh", "Elu", "Selu", "Celu", "Gelu"}
)
VIEWS: Final = frozenset({"Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Dropout", "Cast"})
SCALINGS: Final = frozenset({"Add", "Sub", "Mul", "Div", "BatchNormalization"})
LAYERS: Final = frozenset({"Gemm", "MatMul", "Conv"})


_RAW: Final = VIEWS | SCALINGS | ACTIVATIONS | QUANT_OPS


class Graph:
    """The part of a graph that depends on its image input, in topological order.

    Args:
        model: a classifier with one image input and logits as its first output.
    """

    def __init__(self, model: ModelProto) -> None:
        constant = {tensor.name for tensor in model.graph.initializer}
        self.input = next(value.name for value in model.graph.input if value.name not in constant)
        self.output = model.graph.output[0].name
        shapes = infer_shapes(model)
        self.producer: dict[str, NodeProto] = {}
        self.users: dict[str, list[NodeProto]] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        """By value, without the batch dimension."""
        self.raw = {self.input}
        """Values that are the image itself, scaled, quantized or reshaped."""
        live = {self.input}
        for node in model.graph.node:
            if live.isdisjoint(node.input):
                continue
            if self.raw.issuperset(live.intersection(node.input)) and node.op_type in _RAW:
                self.raw.update(node.output)
            for name in node.output:
                live.add(name)
                self.producer[name] = node
                if len(shapes.get(name, ())) > 1:
                    self.shapes[name] = shapes[name][1:]
            for name in node.input:
                self.users.setdefault(name, []).append(node)

    def data_input(self, node: NodeProto) -> str:
        """Return the first input of a node that depends on the image."""
        return next(str(name) for name in node.input if name == self.input or name in self.producer)

    def is_view(self, value: str) -> bool:
        """Whether a value only shows another one in another shape."""
        return self.producer[value].op_type in VIEWS

    def is_active(self, value: str) -> bool:
        """Whether a value is the output of a nonlinearity: an activation or a quantizer of activations."""
        node = self.producer.get(value)
        return node is not None and value not in self.raw and node.op_type in ACTIVATIONS | QUANT_OPS

    def before_activation(self, value: str) -> str:
        """Return the value before the nonlinearities that made this one."""
        while self.is_active(value):
            value = self.data_input(self.producer[value])
        return value

    def feeds_only_activation(self, value: str) -> bool:
        """Whether all users of a value are nonlinearities themselves, as of a Relu before its quantizer."""
        users = self.users.get(value, [])
        return bool(users) and all(node.op_type in ACTIVATIONS | QUANT_OPS for node in users)

    def classifier_input(self) -> str:
        """Return the input of the last Gemm, MatMul or Conv before the output.

        Raises:
            ModelError: when there is none.
        """
        value = self.output
        while value != self.input:
            node = self.producer[value]
            value = self.data_input(node)
            if node.op_type in LAYERS:
                return value
        raise ModelError(f"no {', '.join(sorted(LAYERS))} leads to the output {self.output!r}", where="graph")

    def length(self, value: str) -> int:
        """Return the number of elements of a value per sample.

        Raises:
            ModelError: when shape inference could not tell.
        """
        if value == self.input or value not in self.shapes:
            raise ModelError(
                "its shape cannot be inferred, or it is the input itself",
                where=f"value {value}",
                hint="name another value with student_embedding or teacher_embedding",
            )
        return math.prod(self.shapes[value])
