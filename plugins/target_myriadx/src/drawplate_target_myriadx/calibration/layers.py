# SPDX-License-Identifier: Apache-2.0
"""Writing calibration networks layer by layer; only shapes matter, the weights are noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import define, field, frozen
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto
    from onnx import TensorProto as Tensor

OPSET = 13
IR_VERSION = 8


@frozen
class Value:
    """A value of the graph and its shape without the batch."""

    name: str
    shape: tuple[int, ...]


@define
class Net:
    """A graph under construction."""

    input: Value
    _nodes: list[NodeProto] = field(factory=list)
    _weights: list[Tensor] = field(factory=list)
    _random: np.random.Generator = field(factory=lambda: np.random.default_rng(0))

    @classmethod
    def of(cls, *shape: int) -> Net:
        """Begin a graph whose input is one image."""
        return cls(Value("input", shape))

    def conv(
        self, x: Value, channels: int, kernel: int, stride: int = 1, *, pad: int | None = None, groups: int = 1
    ) -> Value:
        """Add a square convolution with a bias, as one is after its BatchNormalization has been folded in."""
        pad = kernel // 2 if pad is None else pad
        taken, height, width = x.shape
        weights = [self._noise(channels, taken // groups, kernel, kernel), self._noise(channels)]
        size = [(length + 2 * pad - kernel) // stride + 1 for length in (height, width)]
        return self._add(
            "Conv",
            [x.name, *weights],
            (channels, *size),
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[pad] * 4,
            group=groups,
        )

    def linear(self, x: Value, units: int) -> Value:
        """Add a fully connected layer."""
        weights = [self._noise(units, x.shape[0]), self._noise(units)]
        return self._add("Gemm", [x.name, *weights], (units,), transB=1)

    def relu(self, x: Value) -> Value:
        """Add a ReLU."""
        return self._add("Relu", [x.name], x.shape)

    def silu(self, x: Value) -> Value:
        """Add x * sigmoid(x)."""
        gate = self._add("Sigmoid", [x.name], x.shape)
        return self._add("Mul", [x.name, gate.name], x.shape)

    def pool(self, x: Value, kernel: int, stride: int, pad: int = 0) -> Value:
        """Add a max pool."""
        channels, *image = x.shape
        size = [(length + 2 * pad - kernel) // stride + 1 for length in image]
        return self._add(
            "MaxPool",
            [x.name],
            (channels, *size),
            kernel_shape=[kernel] * 2,
            strides=[stride] * 2,
            pads=[pad] * 4,
        )

    def average(self, x: Value) -> Value:
        """Average every channel over the image, and flatten."""
        return self.flatten(self._add("GlobalAveragePool", [x.name], (x.shape[0], 1, 1)))

    def flatten(self, x: Value) -> Value:
        """Make a vector."""
        return self._add("Flatten", [x.name], (math.prod(x.shape),), axis=1)

    def add(self, x: Value, y: Value) -> Value:
        """Add two values."""
        return self._add("Add", [x.name, y.name], x.shape)

    def concat(self, *values: Value) -> Value:
        """Put channels one after the other."""
        channels = sum(value.shape[0] for value in values)
        return self._add("Concat", [value.name for value in values], (channels, *values[0].shape[1:]), axis=1)

    def halves(self, x: Value) -> tuple[Value, Value]:
        """Split the channels into two equal parts."""
        shape = (x.shape[0] // 2, *x.shape[1:])
        names = [f"v{len(self._nodes)}.{part}" for part in range(2)]
        self._nodes.append(helper.make_node("Split", [x.name], names, name=f"n{len(self._nodes)}", axis=1))
        return Value(names[0], shape), Value(names[1], shape)

    def upsample(self, x: Value) -> Value:
        """Double height and width, nearest neighbour."""
        scales = self._constant(np.asarray([1, 1, 2, 2], np.float32))
        channels, height, width = x.shape
        return self._add(
            "Resize",
            [x.name, "", scales],
            (channels, 2 * height, 2 * width),
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def finish(self, *outputs: Value) -> ModelProto:
        """Return the model."""

        def ports(values: tuple[Value, ...]) -> list[Any]:
            return [helper.make_tensor_value_info(v.name, TensorProto.FLOAT, [1, *v.shape]) for v in values]

        graph = helper.make_graph(self._nodes, "net", ports((self.input,)), ports(outputs), self._weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)

    def _add(self, kind: str, inputs: list[str], shape: tuple[int, ...], **attributes: Any) -> Value:
        number = len(self._nodes)
        self._nodes.append(helper.make_node(kind, inputs, [f"v{number}"], name=f"n{number}", **attributes))
        return Value(f"v{number}", shape)

    def _noise(self, *shape: int) -> str:
        bound = 1 / math.sqrt(math.prod(shape[1:]) or 1)
        return self._constant(self._random.uniform(-bound, bound, shape).astype(np.float32))

    def _constant(self, value: np.ndarray[Any, Any]) -> str:
        name = f"w{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(value, name))
        return name
