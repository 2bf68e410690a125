# SPDX-License-Identifier: Apache-2.0
"""Random small QONNX networks: signs, scales, rounding modes, pools, residuals, gammas of any sign."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import define, field
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper, numpy_helper

from drawplate.input_codes import MODES

DOMAIN = "qonnx.custom_op.general"
SCALES = (0.5, 0.25, 0.125, 1 / 255, 0.1, 0.137, 1.0)
ACTIVATIONS = ("", "Relu", "Relu", "LeakyRelu", "Clip", "Neg")


@define
class Network:
    """A network that grows as hypothesis draws it."""

    draw: Any
    rng: np.random.Generator
    image: bool
    channels: int
    side: int = 4
    nodes: list = field(factory=list)
    arrays: dict = field(factory=dict)
    count: int = 0

    def one(self, *choices):
        """Draw one of several."""
        return self.draw(st.sampled_from(choices))

    def rarely(self, of=4):
        """Draw True once in so many."""
        return self.one(*[False] * (of - 1), True)

    def name(self):
        self.count += 1
        return f"v{self.count}"

    def array(self, value):
        name = self.name()
        self.arrays[name] = np.asarray(value, np.float32)
        return name

    def add(self, kind, *inputs, domain="", **attributes):
        output = self.name()
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"n_{output}", domain=domain, **attributes))
        return output

    def quantized(self, value, *, weights=False, shape=(), plain=False):
        """Add a quantizer; a plain one has a positive scale and no zero point."""
        bits = self.one(1, 2, 3, 4)
        if bits == 1 and self.one(True, False):
            return self.add("BipolarQuant", value, self.array(self.one(*SCALES)), domain=DOMAIN)
        scale = self.rng.choice(SCALES, shape) if shape and self.one(True, False) else np.array(self.one(*SCALES))
        if not weights and not plain and self.rarely(6):
            scale = -scale
        zero = 0 if weights or plain else self.one(0, 0, 0, 0, 1, 2, 0.5)
        return self.add(
            "Quant",
            value,
            *map(self.array, (scale, zero, max(2, bits))),
            domain=DOMAIN,
            rounding_mode=self.one("ROUND", "ROUND", *MODES),
            signed=1 if weights else self.one(0, 1),
            narrow=self.one(0, 1),
        )

    def normalised(self, value):
        choices = ([1.0, 0.5, 0.25, -0.5, -1.0, 0.0], [0, 0.5, -0.25], [0, 0.5, 1], [1, 4, 0.3])
        arrays = [self.array(self.rng.choice(given, self.channels)) for given in choices]
        return self.add("BatchNormalization", value, *arrays, epsilon=self.one(0.0, 1e-5))

    def activated(self, value):
        kind = self.one(*ACTIVATIONS)
        limits = map(self.array, (-0.5, 1.25)) if kind == "Clip" else ()
        return self.add(kind, value, *limits) if kind else value

    def pooled(self, value):
        stride = self.one(1, 2)
        self.side = (self.side - 2) // stride + 1
        return self.add("MaxPool", value, kernel_shape=[2, 2], strides=[stride] * 2)

    def summed(self, value):
        """Add a layer with weights."""
        outputs = self.draw(st.integers(1, 4))
        if not self.image:
            weights = self.array(self.rng.normal(size=(self.channels, outputs)))
            self.channels = outputs
            return self.add("MatMul", value, self.quantized(weights, weights=True, shape=(1, outputs)))
        kernel, pad = self.one((3, 1), (1, 0), (2, 0))
        weights = self.array(self.rng.normal(size=(outputs, self.channels, kernel, kernel)))
        weights = self.quantized(weights, weights=True, shape=(outputs, 1, 1, 1))
        self.channels, self.side = outputs, self.side + 2 * pad - kernel + 1
        return self.add("Conv", value, weights, kernel_shape=[kernel] * 2, pads=[pad] * 4)

    def layer(self, value):
        """Add a layer, and a pool and a normalisation somewhere before its quantizer."""
        value = self.summed(value)
        pool = self.one(0, 1, 2, 3) if self.image and self.side >= 2 else 0
        value = self.normalised(value) if self.one(True, True, False) else value
        value = self.pooled(value) if pool == 1 else value
        value = self.activated(value)
        value = self.pooled(value) if pool == 2 else value
        many = (1, self.channels, *[1] * (2 if self.image else 0)) if self.rarely(7) else ()
        value = self.quantized(value, shape=many)
        return self.pooled(value) if pool == 3 else value

    def residual(self, value):
        """Add two branches on one grid."""
        grid = [self.array(part) for part in (self.one(*SCALES), 0, 3)]
        both = [
            self.add("Quant", branch, *grid, domain=DOMAIN, signed=1, narrow=narrow)
            for narrow, branch in enumerate((value, self.normalised(value)))
        ]
        return self.quantized(self.add(self.one("Add", "Sub"), *both), plain=True)

    def flat(self, value):
        if self.one(True, False):
            value = self.quantized(self.add("GlobalAveragePool", value), plain=True)
            self.side = 1
        self.channels *= self.side**2
        return self.add("Flatten", value)

    def ended(self, value) -> ModelProto:
        """Add the last layer and return the model."""
        classes = self.one(1, 3)
        shape = [2, 4, 4] if self.image else [6]
        value = self.flat(value) if self.image else value
        weights = self.array(self.rng.normal(size=(classes, self.channels)))
        weights = self.quantized(weights, weights=True, shape=(classes, 1))
        value = self.add("Gemm", value, weights, self.array(self.rng.normal(size=classes)), transB=1)
        ends = (("x", shape), (value, [classes]))
        graph = helper.make_graph(
            self.nodes,
            "g",
            *([helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *dims])] for name, dims in ends),
            [numpy_helper.from_array(array, name) for name, array in self.arrays.items()],
        )
        opsets = [helper.make_opsetid("", 13), helper.make_opsetid(DOMAIN, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8)


@st.composite
def networks(draw):
    """A network of two or three layers of an image of 2 x 4 x 4, or of 6 numbers, and three inputs."""
    image = draw(st.booleans())
    network = Network(draw, np.random.default_rng(draw(st.integers(0, 2**32 - 1))), image, 2 if image else 6)
    value = network.quantized("x")
    for _ in range(draw(st.integers(1, 2))):
        value = network.layer(value)
        value = network.residual(value) if network.rarely() else value
    proto = network.ended(value)
    return proto, network.rng.normal(size=(3, *((2, 4, 4) if image else (6,)))).astype(np.float32)
