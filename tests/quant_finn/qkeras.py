# SPDX-License-Identifier: Apache-2.0
"""Models as QONNX's converter writes them for QKeras (qonnx.converters.keras.from_keras), without TensorFlow.

One image per call, channels last, flattened rows first; ``Quant`` in the domain ``qonnx``, its scale a double, its zero
point and bits 64-bit integers; a quantizer behind every kernel and every bias; quantized_relu(b) is ``Relu`` and an
unsigned ``Quant``, quantized_bits(b, 0, alpha = 1) a signed one of scale 2^(1-b).
"""

from __future__ import annotations

import numpy as np
import onnx
from onnx import ModelProto, numpy_helper
from tests.quant_finn.models import noise

HEAD = '<ir_version: 8, opset_import: ["" : 13, "qonnx" : 1]>\n'
WEIGHTS = 'qonnx.Quant <signed = 1, narrow = 1, rounding_mode = "ROUND">'
SIGNED = 'qonnx.Quant <signed = 1, narrow = 0, rounding_mode = "ROUND">'
UNSIGNED = 'qonnx.Quant <signed = 0, narrow = 0, rounding_mode = "ROUND">'


PARAMETERS = {"w4": (4, 2**-3), "a4": (4, 2**-2), "b6": (6, 2**-5), "x8": (8, 2**-7)}
"""Bits and scale by the name that a quantizer reads in the texts below."""


def qkeras(text: str, **arrays: np.ndarray) -> ModelProto:
    """Parse a graph, and give every quantizer parameters of its own."""
    proto = onnx.parser.parse_model(HEAD + text)
    for node in proto.graph.node:
        if node.op_type == "Quant":
            bits, scale = PARAMETERS[node.input.pop()]
            for name, value in (("scale", scale), ("zero_point", 0), ("bit_width", bits)):
                arrays[f"{node.output[0]}_{name}"] = np.asarray(value)
                node.input.append(f"{node.output[0]}_{name}")
    for name, array in arrays.items():
        proto.graph.initializer.append(numpy_helper.from_array(array, name))
    return proto


def perceptron() -> ModelProto:
    """QDense(16), quantized_relu, QDense(10), on a quantized input of 8x8x1 pixels."""
    return qkeras(
        f"""
        keras (float[1, 8, 8, 1] input_1) => (float[1, 10] dense_1) {{
            same = Identity(input_1)
            x = {SIGNED} (same, x8)
            flat = Reshape(x, shape)
            k0 = {WEIGHTS} (kernel_0, w4)
            s0 = MatMul(flat, k0)
            b0 = {WEIGHTS} (bias_0, b6)
            t0 = Add(s0, b0)
            r0 = Relu(t0)
            a0 = {UNSIGNED} (r0, a4)
            k1 = {WEIGHTS} (kernel_1, w4)
            s1 = MatMul(a0, k1)
            b1 = {WEIGHTS} (bias_1, b6)
            dense_1 = Add(s1, b1)
        }}
        """,
        shape=np.asarray([-1, 64]),
        kernel_0=noise(64, 16) * np.float32(0.3),
        bias_0=noise(16, seed=1) * np.float32(0.3),
        kernel_1=noise(16, 10, seed=2) * np.float32(0.3),
        bias_1=noise(10, seed=3) * np.float32(0.3),
    )


def network() -> ModelProto:
    """QConv2D(8), quantized_relu, max-pool, QConv2D(8) with its bias inside, quantized_relu, QDense(10)."""
    return qkeras(
        f"""
        keras (float[1, 8, 8, 1] input_1) => (float[1, 10] dense) {{
            x = {SIGNED} (input_1, x8)
            first = Transpose <perm = [0, 3, 1, 2]> (x)
            k0 = {WEIGHTS} (kernel_0, w4)
            c0 = Conv <kernel_shape = [3, 3], strides = [1, 1], dilations = [1, 1], group = 1> (first, k0)
            b0 = {WEIGHTS} (bias_0, b6)
            t0 = Add(c0, b0)
            r0 = Relu(t0)
            a0 = {UNSIGNED} (r0, a4)
            p0 = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (a0)
            k1 = {WEIGHTS} (kernel_1, w4)
            b1 = {WEIGHTS} (bias_1, b6)
            c1 = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (p0, k1, b1)
            r1 = Relu(c1)
            a1 = {UNSIGNED} (r1, a4)
            last = Transpose <perm = [0, 2, 3, 1]> (a1)
            flat = Reshape(last, shape)
            k2 = {WEIGHTS} (kernel_2, w4)
            s2 = MatMul(flat, k2)
            b2 = {WEIGHTS} (bias_2, b6)
            dense = Add(s2, b2)
        }}
        """,
        shape=np.asarray([-1, 72]),
        kernel_0=noise(8, 1, 3, 3) * np.float32(0.3),
        bias_0=noise(1, 8, 1, 1, seed=1) * np.float32(0.3),
        kernel_1=noise(8, 8, 3, 3, seed=2) * np.float32(0.3),
        bias_1=noise(8, seed=3) * np.float32(0.3),
        kernel_2=noise(72, 10, seed=4) * np.float32(0.3),
        bias_2=noise(10, seed=5) * np.float32(0.3),
    )
