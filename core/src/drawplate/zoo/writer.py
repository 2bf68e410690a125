# SPDX-License-Identifier: Apache-2.0
"""Writing ONNX graphs layer by layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from attrs import define, field
from onnx import TensorProto, helper, numpy_helper

from drawplate.errors import FlowError
from drawplate.zoo.architecture import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto, NodeProto

OPSET = 13
IR_VERSION = 8
MOST = 2**28
"""Weights of one model: half of what a model file can hold."""


@define
class Writer:
    """Appends layers to a graph and keeps track of the shape that flows through it.

    Initial weights are uniform within 1/sqrt(fan in), as torch draws them for linear and convolutional layers
    (He et al. 2015 with a = sqrt(5)); BatchNormalization starts as the identity.
    """

    name: str
    shape: tuple[int, ...]
    """Shape of one item, without the batch."""
    seed: int
    value: str = "input"
    """Name of the value that the next layer takes."""
    _nodes: list[NodeProto] = field(factory=list)
    _weights: dict[str, NDArray[Any]] = field(factory=dict)
    _input: tuple[int, ...] = ()
    _random: np.random.Generator = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self._input = self.shape

    @classmethod
    def start(cls, name: str, shape: Shape, seed: int) -> Writer:
        """Begin a graph whose input is a batch of items."""
        return cls(name, shape, seed)

    # layers -------------------------------------------------------------------------------------------------------

    def conv(  # noqa: PLR0913 - the parameters of a convolution
        self,
        name: str,
        channels: int,
        kernel: int | tuple[int, int],
        *,
        stride: int = 1,
        pad: int | Literal["same"] = 0,
        groups: int = 1,
        bias: bool = False,
    ) -> None:
        """Add a convolution; ``same`` pads as TensorFlow does, more at the end where it is uneven."""
        taken, height, width = self.shape
        sizes = (kernel, kernel) if isinstance(kernel, int) else kernel
        fan_in = taken // groups * math.prod(sizes)
        inputs = [self._uniform(f"{name}.weight", (channels, taken // groups, *sizes), fan_in)]
        if bias:
            inputs.append(self._uniform(f"{name}.bias", (channels,), fan_in))
        sides = list(zip((height, width), sizes, strict=True))
        pads = [_same(length, size, stride) if pad == "same" else (pad, pad) for length, size in sides]
        size = [(length + sum(pads[at]) - size) // stride + 1 for at, (length, size) in enumerate(sides)]
        self._need(min(size) > 0, f"{name}: images of {height}x{width} are too small")
        around = [before for before, _ in pads] + [behind for _, behind in pads]
        attributes = {"kernel_shape": sizes, "strides": [stride] * 2, "pads": around, "group": groups}
        self._add("Conv", name, inputs, (channels, *size), **attributes)

    def separable(self, name: str, channels: int, *, stride: int = 1) -> None:
        """Add a depthwise 3x3 and a pointwise convolution, BatchNormalization and ReLU after each."""
        taken = self.shape[0]
        for part, given in (("depthwise", taken), ("pointwise", channels)):
            deep = part == "depthwise"
            self.conv(
                f"{name}.{part}",
                given,
                3 if deep else 1,
                stride=stride if deep else 1,
                pad="same" if deep else 0,
                groups=taken if deep else 1,
            )
            self.batch_norm(f"{name}.{part}.norm")
            self.activation(f"{name}.{part}.act")

    def linear(self, name: str, units: int, *, bias: bool) -> None:
        """Add a fully connected layer: Gemm with a bias, MatMul without."""
        (taken,) = self.shape
        if bias:
            inputs = [
                self._uniform(f"{name}.weight", (units, taken), taken),
                self._uniform(f"{name}.bias", (units,), taken),
            ]
            self._add("Gemm", name, inputs, (units,), transB=1)
        else:
            weight = self._uniform(f"{name}.weight", (units, taken), taken)
            self._weights[weight] = np.ascontiguousarray(self._weights[weight].T)
            self._add("MatMul", name, [weight], (units,))

    def batch_norm(self, name: str) -> None:
        """Add a BatchNormalization over the channels."""
        channels = self.shape[0]
        start = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}
        inputs = [self._constant(f"{name}.{key}", np.full(channels, value, np.float32)) for key, value in start.items()]
        self._add("BatchNormalization", name, inputs, self.shape, epsilon=1e-5, momentum=0.9)

    def activation(self, name: str, kind: str = "relu") -> None:
        """Add relu, relu6, tanh or hardtanh (-1..1)."""
        limits = {"relu6": (0, 6), "hardtanh": (-1, 1)}
        if kind in limits:
            low, high = (self._constant(f"{name}.{i}", np.float32(limit)) for i, limit in enumerate(limits[kind]))
            self._add("Clip", name, [low, high], self.shape)
        else:
            self._add({"relu": "Relu", "tanh": "Tanh"}[kind], name, [], self.shape)

    def max_pool(self, name: str, size: int) -> None:
        """Add a max pool whose windows do not overlap."""
        channels, height, width = self.shape
        self._need(min(height, width) >= size, f"{name}: images of {height}x{width} are too small for another pool")
        shape = (channels, height // size, width // size)
        self._add("MaxPool", name, [], shape, kernel_shape=[size] * 2, strides=[size] * 2)

    def global_pool(self, name: str) -> None:
        """Average every channel over the image."""
        self._add("GlobalAveragePool", name, [], (self.shape[0], 1, 1))

    def flatten(self, name: str) -> None:
        """Make a vector of each item."""
        self._add("Flatten", name, [], (math.prod(self.shape),), axis=1)

    def dropout(self, name: str, ratio: float) -> None:
        """Add a dropout, active in training only."""
        self._add("Dropout", name, [self._constant(f"{name}.ratio", np.float32(ratio))], self.shape)

    def add(self, name: str, other: str) -> None:
        """Add another value of the same shape."""
        self._add("Add", name, [other], self.shape)

    # the graph ----------------------------------------------------------------------------------------------------

    def finish(self) -> ModelProto:
        """Return the model; the last value becomes ``logits``."""
        self._nodes[-1].output[0] = "logits"
        graph = helper.make_graph(
            self._nodes,
            self.name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", *self._input])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", *self.shape])],
            [numpy_helper.from_array(array, name) for name, array in self._weights.items()],
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="drawplate"
        )

    def _add(self, kind: str, name: str, inputs: list[str], shape: tuple[int, ...], **attributes: Any) -> None:
        self._nodes.append(helper.make_node(kind, [self.value, *inputs], [name], name=name, **attributes))
        self.value, self.shape = name, shape

    def _uniform(self, name: str, shape: tuple[int, ...], fan_in: int) -> str:
        self._room(name, math.prod(shape))
        bound = 1 / math.sqrt(fan_in)
        return self._constant(name, self._random.uniform(-bound, bound, shape).astype(np.float32))

    def _constant(self, name: str, array: Any) -> str:
        self._weights[name] = np.asarray(array, np.float32)
        return name

    def _room(self, name: str, count: int) -> None:
        """Refuse weights beyond what a model file holds, before they are drawn."""
        held = sum(array.size for array in self._weights.values())
        if held + count > MOST:
            raise FlowError(
                f"would have {held + count:,} weights and more",
                where=f"{name!r}",
                allowed=f"at most {MOST:,}",
                hint="choose fewer units or channels, or smaller images",
            )

    def _need(self, condition: bool, what: str) -> None:
        if not condition:
            raise FlowError(what, hint="choose fewer layers, or larger images")


def _same(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return what TensorFlow pads before and behind."""
    missing = max(0, (-(-length // stride) - 1) * stride + kernel - length)
    return missing // 2, missing - missing // 2
