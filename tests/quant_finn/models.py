# SPDX-License-Identifier: Apache-2.0
"""Small models in ONNX text, for the tests of quantization and lowering."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import ModelProto, numpy_helper

HEAD = '<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>\n'


def model(text: str, **arrays: np.ndarray) -> ModelProto:
    """Parse a graph and give it initializers."""
    proto = onnx.parser.parse_model(HEAD + text)
    for name, array in arrays.items():
        proto.graph.initializer.append(numpy_helper.from_array(np.asarray(array, dtype=np.float32), name))
    return proto


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    """Return normal numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def norm(channels: int, prefix: str = "bn") -> dict[str, np.ndarray]:
    """Return the parameters of a trained BatchNormalization."""
    rng = np.random.default_rng(7)
    return {
        f"{prefix}g": rng.uniform(0.5, 1.5, channels),
        f"{prefix}b": rng.normal(size=channels) * 0.3,
        f"{prefix}m": rng.normal(size=channels),
        f"{prefix}v": rng.uniform(0.5, 2, channels),
    }


def mlp() -> ModelProto:
    """A trained-looking perceptron of 16 pixels, 12 neurons, 4 classes."""
    return model(
        """
        mlp (float[N, 1, 4, 4] input) => (float[N, 4] logits) {
            flat = Flatten(input)
            s = MatMul(flat, w1)
            n = BatchNormalization(s, bng, bnb, bnm, bnv)
            a = Relu(n)
            logits = MatMul(a, w2)
        }
        """,
        w1=noise(16, 12),
        w2=noise(12, 4, seed=1),
        **norm(12),
    )


def cnn() -> ModelProto:
    """Two convolutions, a residual addition, pools, a bias at the end."""
    return model(
        """
        cnn (float[N, 1, 8, 8] input) => (float[N, 4] logits) {
            c1 = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (input, k1)
            n1 = BatchNormalization(c1, bng, bnb, bnm, bnv)
            a1 = Relu(n1)
            p1 = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (a1)
            c2 = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (p1, k2)
            n2 = BatchNormalization(c2, bmg, bmb, bmm, bmv)
            sum = Add(n2, p1)
            a2 = Relu(sum)
            mean = GlobalAveragePool(a2)
            flat = Flatten(mean)
            logits = Gemm <transB = 1> (flat, w, b)
        }
        """,
        k1=noise(6, 1, 3, 3),
        k2=noise(6, 6, 3, 3, seed=1) * 0.3,
        w=noise(4, 6, seed=2),
        b=noise(4, seed=3),
        **norm(6),
        **norm(6, "bm"),
    )
