# SPDX-License-Identifier: Apache-2.0
"""A convolution need not say its kernel: ONNX reads it off the weights, also where a quantizer stands before them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from drawplate.door import take_in

HEAD = '<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>\n'


@pytest.mark.parametrize("given", ["", "kernel_shape = [3, 2], "])
def test_the_kernel_is_read_behind_the_quantizer(given):
    from drawplate.torch import OnnxModule

    proto = onnx.parser.parse_model(
        HEAD
        + f"""g (float[N, 2, 5, 5] input) => (float[N, 4, 3, 4] y) {{
            q = qonnx.custom_op.general.Quant <signed = 1, narrow = 1> (w, s, z, b)
            y = Conv <{given}strides = [1, 1]> (input, q)
        }}"""
    )
    weights = np.random.default_rng(0).normal(size=(4, 2, 3, 2)).astype(np.float32)
    for name, array in {"w": weights, "s": np.float32(0.25), "z": np.float32(0), "b": np.float32(4)}.items():
        proto.graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))
    entered = take_in(proto)
    conv = next(node for node in entered.proto.graph.node if node.op_type == "Conv")
    found = {entry.name: helper.get_attribute_value(entry) for entry in conv.attribute}
    assert found["kernel_shape"] == [3, 2]
    assert any("kernel" in change for change in entered.changes) is not bool(given)
    assert OnnxModule(entered.proto).values
