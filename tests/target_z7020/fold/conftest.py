# SPDX-License-Identifier: Apache-2.0
"""A lowered perceptron, written as FINN writes it."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

GRAPH = """<ir_version: 8, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
mlp (float[1,64] input) => (float[1,10] logits) {{
    h = finn.custom_op.fpgadataflow.MVAU<MW = 64, MH = 32, PE = 1, SIMD = 1, weightDataType = "INT3",
        inputDataType = "UINT3", outputDataType = "UINT2", accDataType = "INT12", ActVal = 0, noActivation = 0,
        binaryXnorMode = 0, backend = "fpgadataflow">(input, w0, t0)
    s = finn.custom_op.fpgadataflow.MVAU<MW = 32, MH = 10, PE = 1, SIMD = 1, weightDataType = "INT3",
        inputDataType = "UINT2", outputDataType = "INT12", accDataType = "INT12", ActVal = 0, noActivation = 1,
        binaryXnorMode = 0, backend = "fpgadataflow">(h, w1)
    logits = Mul(s, scale)
}}"""


@pytest.fixture
def lowered():
    proto = onnx.parser.parse_model(GRAPH.replace("{{", "{").replace("}}", "}"))
    random = np.random.default_rng(0)
    arrays = {
        "w0": random.integers(-3, 4, (64, 32)),
        "t0": np.sort(random.integers(-40, 60, (32, 3)), axis=1),
        "w1": random.integers(-3, 4, (32, 10)),
        "scale": np.array(0.5),
    }
    for number, node in enumerate(proto.graph.node):
        node.name = f"MVAU_{number}" if node.op_type == "MVAU" else "scale_logits"
    for name, array in arrays.items():
        proto.graph.initializer.append(numpy_helper.from_array(array.astype(np.float32), name))
    return proto
