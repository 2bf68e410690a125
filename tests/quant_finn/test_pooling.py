# SPDX-License-Identifier: Apache-2.0
"""MaxPool over integers against ONNX Runtime."""

import numpy as np
import onnx
import pytest

from drawplate_quant_finn.lowering.proof.pooling import largest


@pytest.mark.parametrize("said", [
    "kernel_shape = [2, 2], strides = [2, 2]",
    "kernel_shape = [3, 2], strides = [2, 1], pads = [1, 0, 1, 1]",
    'kernel_shape = [3, 3], strides = [2, 2], auto_pad = "SAME_UPPER"',
    'kernel_shape = [2, 3], strides = [2, 2], auto_pad = "SAME_LOWER"',
])  # fmt: skip
def test_windows_are_those_of_the_runtime(said):
    text = f"""<ir_version: 8, opset_import: ["" : 13]> g (float[2, 3, 7, 8] x) => (float[N, C, H, W] y)
        {{ y = MaxPool <{said}> (x) }}"""
    proto = onnx.parser.parse_model(text)
    whole = np.random.default_rng(0).integers(-9, 9, (2, 3, 7, 8)).astype(float)
    import onnxruntime

    session = onnxruntime.InferenceSession(proto.SerializeToString())
    (expected,) = session.run(None, {"x": whole.astype(np.float32)})
    assert (largest(proto.graph.node[0], whole, expected.shape[2:]) == expected).all()
