# SPDX-License-Identifier: Apache-2.0
"""Run a QONNX model in exact arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, field

from drawplate.errors import ModelError
from drawplate.testing.exact.number import Exact, of_array
from drawplate.testing.exact.operators import OPERATORS, Operator
from drawplate.testing.exact.quantizers import Quantized, constant_codes, quantized, truncated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

QUANTIZERS = frozenset({"Quant", "IntQuant", "BipolarQuant"})
PRODUCTS = frozenset({"Conv", "Gemm", "MatMul"})

Watch = Callable[["NodeProto", Quantized], Exact]
"""Is told of every quantizer of activations, and returns the value to go on with."""


def run_exact(proto: ModelProto, x: NDArray[Any] | Exact, watch: Watch | None = None) -> dict[str, Exact]:
    """Return every value that depends on the input, by name.

    Everything that the model says of real numbers is computed as such: no sum, product or quotient is rounded but by
    quantizers.  What depends on constants alone is folded in float32 first, as ONNX says; a quantized weight is its
    code times its scale, and this product alone is not rounded.

    Args:
        proto: a QONNX model of one input, its nodes in order.
        x: the input; floats stand for themselves.
        watch: hears of every quantizer of activations in order; what it returns takes the quantizer's place.

    Raises:
        ModelError: for an operator that is not known, or a parameter that makes no sense.
    """
    walk = _Walk(proto, watch or (lambda _node, found: found.value))
    given = x if isinstance(x, Exact) else of_array(x)
    weights = {tensor.name for tensor in proto.graph.initializer}
    (name,) = (value.name for value in proto.graph.input if value.name not in weights)
    walk.values[name] = given
    for node in proto.graph.node:
        walk.take(node)
    return walk.values


@define
class _Walk:
    proto: ModelProto
    watch: Watch
    values: dict[str, Exact] = field(factory=dict)
    floats: dict[str, NDArray[Any]] = field(init=False)
    """Constants, folded."""
    weights: dict[str, Exact] = field(factory=dict)
    """Quantized constants: codes times scale, unrounded."""

    def __attrs_post_init__(self) -> None:
        from onnx import numpy_helper

        self.floats = {tensor.name: numpy_helper.to_array(tensor) for tensor in self.proto.graph.initializer}

    def take(self, node: NodeProto) -> None:
        """Evaluate one node."""
        if node.op_type == "Shape" and node.input[0] in self.values:
            self.floats[node.output[0]] = _sizes(self.values[node.input[0]].shape)
        elif any(name in self.values for name in node.input):
            self.values[node.output[0]] = self._evaluated(node)
        elif node.op_type in QUANTIZERS:
            x, *parameters = (self.floats[name] for name in node.input)
            found = constant_codes(node, x, parameters)
            self.weights[node.output[0]] = found.value
            self.floats[node.output[0]] = found.value.floats().astype("float32")
        elif node.input and all(name in self.weights for name in node.input):  # a weight turned round stays exact
            self.weights[node.output[0]] = self._operator(node)(_attributes(node), *map(self.exact, node.input))
            self.floats[node.output[0]] = self.weights[node.output[0]].floats().astype("float32")
        else:
            self._fold(node)

    def exact(self, name: str) -> Exact:
        """Return a weight as it is multiplied: codes times scale, where it is quantized."""
        return self.weights[name] if name in self.weights else self.value(name)

    def value(self, name: str) -> Exact:
        """Return a value; a constant, quantized or not, is what float32 makes of it."""
        return self.values[name] if name in self.values else of_array(self.floats[name])

    def _evaluated(self, node: NodeProto) -> Exact:
        if node.op_type in QUANTIZERS:
            parameters = [self.floats[name] for name in node.input[1:]]
            return self.watch(node, quantized(node, self.exact(node.input[0]), parameters))
        if node.op_type == "Trunc":
            return truncated(node, self.exact(node.input[0]), [self.floats[name] for name in node.input[1:]])
        factors = 2 if node.op_type in PRODUCTS else 0
        inputs = [
            (self.exact(name) if position < factors else self.value(name)) if name else None
            for position, name in enumerate(node.input)
        ]
        return self._operator(node)(_attributes(node), *inputs)

    def _operator(self, node: NodeProto) -> Operator:
        operator = OPERATORS.get(node.op_type)
        if operator is None:
            raise ModelError("is not known in exact arithmetic", where=f"node {node.name!r} ({node.op_type})")
        return operator

    def _fold(self, node: NodeProto) -> None:
        from onnx import helper
        from onnx.reference import ReferenceEvaluator

        inputs = [helper.make_tensor_value_info(name, 0, None) for name in node.input if name]
        outputs = [helper.make_tensor_value_info(name, 0, None) for name in node.output]
        graph = helper.make_graph([node], "constant", inputs, outputs)
        imports = [entry for entry in self.proto.opset_import if entry.domain in {"", "ai.onnx"}]
        model = helper.make_model(graph, opset_imports=imports)
        results: Any = ReferenceEvaluator(model).run(None, {name: self.floats[name] for name in node.input if name})
        self.floats.update(zip(node.output, results, strict=True))


def _sizes(shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.array(shape, np.int64)


def _attributes(node: NodeProto) -> Mapping[str, Any]:
    from onnx import helper

    return {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
