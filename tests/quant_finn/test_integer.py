# SPDX-License-Identifier: Apache-2.0
"""The integer executor, on its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from drawplate import ModelError
from drawplate_quant_finn.integer import count_reached, run_integer

DOMAIN = "finn.custom_op.fpgadataflow"


def network(nodes, arrays, shape, result):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, result)],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid(DOMAIN, 1)])


@given(st.integers(1, 4), st.integers(1, 15), st.integers(0, 1000))
def test_counting_is_comparing(channels, steps, seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(-20, 20, (3, 2, channels)).astype(float)
    thresholds = rng.integers(-25, 25, (channels, steps)).astype(float)
    expected = (values[..., None] >= thresholds).sum(axis=-1)
    assert (count_reached(values, thresholds) == expected).all()
    assert (count_reached(values, thresholds[:1]) == (values[..., None] >= thresholds[:1]).sum(axis=-1)).all()


@pytest.mark.parametrize(("datatype", "bias"), [("UINT2", 0), ("INT2", -2), ("BIPOLAR", 0)])
def test_matrix_vector_unit(datatype, bias):
    weights, steps = np.array([[1, -1], [2, 0], [0, 3]]), 1 if datatype == "BIPOLAR" else 3
    thresholds = np.array([[1, 3, 5], [-2, 0, 4]])[:, :steps]
    node = helper.make_node(
        "MVAU", ["input", "w", "t"], ["logits"], name="MVAU_0", domain=DOMAIN, ActVal=bias, outputDataType=datatype
    )
    codes = np.array([[1, 0, 2], [3, 1, 0]])
    found = run_integer(network([node], {"w": weights, "t": thresholds}, [1, 3], [1, 2]), codes)
    counts = ((codes @ weights)[..., None] >= thresholds).sum(axis=-1)
    assert (found == (2 * counts - 1 if datatype == "BIPOLAR" else counts + bias)).all()


def test_windows_are_a_convolution():
    rng = np.random.default_rng(0)
    images, kernel = rng.integers(0, 8, (2, 7, 6, 3)), rng.integers(-3, 4, (3, 2, 3, 4))
    node = helper.make_node(
        "ConvolutionInputGenerator", ["input"], ["windows"], domain=DOMAIN, ConvKernelDim=[3, 2], Stride=[2, 1],
        Dilation=[1, 2],
    )  # fmt: skip
    product = helper.make_node("MVAU", ["windows", "w"], ["logits"], domain=DOMAIN)
    proto = network([node, product], {"w": kernel.reshape(-1, 4)}, [1, 7, 6, 3], [1, 3, 4, 4])
    expected = np.zeros((2, 3, 4, 4))
    for y in range(3):
        for x in range(4):
            window = images[:, 2 * y : 2 * y + 3, x : x + 3 : 2]
            expected[:, y, x] = np.einsum("nhwc,hwck->nk", window, kernel)
    assert (run_integer(proto, images) == expected).all()


def test_an_unknown_operator_is_named():
    node = helper.make_node("Sin", ["input"], ["logits"], name="odd")
    with pytest.raises(ModelError, match="odd"):
        run_integer(network([node], {}, [1, 2], [1, 2]), np.zeros((1, 2)))
