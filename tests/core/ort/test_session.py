# SPDX-License-Identifier: Apache-2.0
"""Exact sessions give every value as the graph says, whatever ONNX Runtime would like to leave out."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from drawplate.ort.session import open_session

HEAD = '<ir_version: 8, opset_import: ["" : 13]>\n'
FIRST = "q = QuantizeLinear(x, s, z)\n d = DequantizeLinear(q, s, z)"
SECOND = "r = QuantizeLinear(d, t, z)\n y = DequantizeLinear(r, t, z)"
CLIPPED = (
    "q = QuantizeLinear(x, s, z)\n c = Clip(q, low, high)\n p = DequantizeLinear(c, s, z)\n d = Reshape(p, shape)\n"
)


@pytest.mark.parametrize("text", [FIRST, CLIPPED], ids=["plain", "clipped"])
def test_a_value_that_is_quantized_twice_is_rounded_twice(text):
    proto = onnx.parser.parse_model(f"{HEAD} g (float[1, 6] x) => (float[1, 6] y) {{ {text}\n {SECOND} }}")
    constants = {
        "s": np.float32(0.1), "t": np.float32(0.13), "z": np.int8(0), "low": np.int8(-4), "high": np.int8(3),
        "shape": np.array([1, 6]),
    }  # fmt: skip
    proto.graph.initializer.extend(numpy_helper.from_array(np.asarray(a), name) for name, a in constants.items())
    x = np.array([[-0.9, -0.35, -0.2, 0.15, 0.26, 0.9]], np.float32)
    found, expected = (
        open_session(proto, threads=1, exact=True, optimise=optimise).run(None, {"x": x})[0]
        for optimise in (True, False)
    )
    assert (found == expected).all()
