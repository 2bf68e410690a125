# SPDX-License-Identifier: Apache-2.0
"""Exact arithmetic against what others compute in floats: QONNX's executor, NumPy, ONNX Runtime."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper, numpy_helper

from drawplate import ModelError
from drawplate.testing.exact import of_array, of_fractions, run_exact
from drawplate.testing.exact.functions import reciprocal_root, sigmoid, square_root, tanh
from drawplate.testing.exact.rounding import ROUNDINGS

HEAD = '<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>\n'


def model(text, **arrays):
    proto = onnx.parser.parse_model(HEAD + text)
    for name, array in arrays.items():
        proto.graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))
    return proto


@settings(deadline=None)
@given(st.sampled_from(sorted(ROUNDINGS)), st.integers(-1000, 1000), st.sampled_from([1, 2, 4, 8, 64]))
def test_rounding_is_qonnx_s(mode, top, bottom):
    from qonnx.custom_op.general.intquant import resolve_rounding_mode

    assert ROUNDINGS[mode](top, bottom) == resolve_rounding_mode(mode)(np.float64(top / bottom))


@settings(deadline=None)
@given(
    st.sampled_from(sorted(ROUNDINGS)), st.integers(1, 8), st.booleans(), st.booleans(), st.integers(-3, 3),
    st.sampled_from([0.5, 0.25, 2.0, -0.5]),
)  # fmt: skip
def test_quantizers_are_qonnx_s(mode, bits, signed, narrow, zero, scale):
    from qonnx.custom_op.general.intquant import int_quant

    x = np.arange(-40, 40, dtype=np.float32).reshape(1, -1) / 8
    proto = model(
        f"g (float[1, 80] input) => (float[1, 80] y) {{ y = qonnx.custom_op.general.Quant<signed = {int(signed)}, "
        f'narrow = {int(narrow)}, rounding_mode = "{mode}">(input, s, z, b) }}',
        s=np.float32(scale), z=np.float32(zero), b=np.float32(bits),
    )  # fmt: skip
    parameters = [np.float32(scale), np.float32(zero), np.float32(bits)]
    expected = int_quant(x, *parameters, signed, narrow, mode)
    assert (run_exact(proto, x)["y"].floats() == expected).all()


def test_truncation_is_qonnx_s():
    from qonnx.custom_op.general.trunc import trunc_v1

    x = np.arange(64, dtype=np.float32).reshape(1, -1) / 4
    proto = model(
        "g (float[1, 64] input) => (float[1, 64] y) "
        '{ y = qonnx.custom_op.general.Trunc<rounding_mode = "FLOOR">(input, s, z, i, o) }',
        s=np.float32(0.25), z=np.float32(0), i=np.float32(6), o=np.float32(4),
    )  # fmt: skip
    expected = trunc_v1(x, *map(np.float32, (0.25, 0, 6, 4)), "FLOOR")
    assert (run_exact(proto, x)["y"].floats() == expected).all()


def test_a_tie_goes_to_the_even_code_where_floats_cannot_tell():
    # 1/3 has no float; three times its float32 lies beside 1, and half a step beside a tie.
    third = np.float32(1) / np.float32(3)
    proto = model(
        "g (float[1, 2] input) => (float[1, 2] y) { t = Mul(input, third) y = qonnx.custom_op.general.Quant"
        "<signed = 1, narrow = 0>(t, s, z, b) }",
        third=third, s=third, z=np.float32(0), b=np.float32(4),
    )  # fmt: skip
    found = run_exact(proto, np.array([[2.5, 3.5]], np.float32))["y"]
    assert list(found.fractions()) == [2 * Fraction(float(third)), 4 * Fraction(float(third))]


SLIDING = [
    "Conv <kernel_shape = [3, 2], pads = [1, 0, 0, 1], strides = [2, 1]> (input, w)",
    "Conv <kernel_shape = [3, 2], dilations = [1, 2]> (input, w)",
    'Conv <kernel_shape = [3, 2], auto_pad = "SAME_UPPER", strides = [2, 2]> (input, w)',
    'Conv <kernel_shape = [3, 2], auto_pad = "SAME_LOWER"> (input, w)',
    "MaxPool <kernel_shape = [3, 2], pads = [1, 1, 1, 1], strides = [2, 2]> (input)",
    "MaxPool <kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1> (input)",
    "AveragePool <kernel_shape = [3, 2], pads = [1, 0, 1, 1], strides = [2, 1]> (input)",
    "AveragePool <kernel_shape = [3, 2], pads = [1, 0, 1, 1], count_include_pad = 1> (input)",
    "AveragePool <kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1> (input)",
    "GlobalAveragePool (input)",
    "BatchNormalization (input, g, b, m, v)",
    "LeakyRelu <alpha = 0.25> (input)",
    "Clip (input, low, high)",
    "Tanh (input)",
    "Sigmoid (input)",
    "ReduceMean <axes = [2, 3]> (input)",
    "Transpose <perm = [0, 2, 3, 1]> (input)",
    "Flatten (input)",
    "Pad (input, edges)",
]


@pytest.mark.parametrize("operator", SLIDING)
def test_operators_are_onnx_runtime_s(operator):
    import onnxruntime

    rng = np.random.default_rng(0)
    x = rng.integers(-8, 9, (2, 2, 5, 7)).astype(np.float32) / 4
    arrays = {
        "w": rng.integers(-4, 5, (3, 2, 3, 2)).astype(np.float32), "g": np.float32([0.5, -2]), "b": np.float32([1, 0]),
        "m": np.float32([0.25, -1]), "v": np.float32([2, 0.3]), "low": np.float32(-1), "high": np.float32(0.5),
        "edges": np.int64([0, 0, 1, 0, 0, 0, 2, 1]),
    }  # fmt: skip
    used = {name: array for name, array in arrays.items() if f" {name}" in operator.partition("(")[2]}
    proto = model(f"g (float[2, 2, 5, 7] input) => (float y) {{ y = {operator} }}", **used)
    proto.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", 1, None))
    (expected,) = onnxruntime.InferenceSession(proto.SerializeToString()).run(None, {"input": x})
    found = run_exact(proto, x)["y"].floats()
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 2e-6


def test_depthwise_and_one_dimension():
    import onnxruntime

    rng = np.random.default_rng(1)
    x, w = rng.normal(size=(2, 4, 6)).astype(np.float32), rng.normal(size=(4, 2, 3)).astype(np.float32)
    proto = model("g (float[2, 4, 6] input) => (float[2, 4, 4] y) { y = Conv <group = 2> (input, w) }", w=w)
    (expected,) = onnxruntime.InferenceSession(proto.SerializeToString()).run(None, {"input": x})
    assert np.abs(run_exact(proto, x)["y"].floats() - expected).max() <= 2e-6


@settings(deadline=None)
@given(st.fractions(Fraction(1, 10**6), 10**6))
def test_roots(value):
    assert abs(square_root(value) ** 2 / value - 1) < Fraction(1, 1 << 200)
    assert abs(reciprocal_root(value) ** 2 * value - 1) < Fraction(1, 1 << 200)
    assert square_root(value * value) == value


def test_functions_far_out_and_at_zero():
    row = of_fractions([Fraction(0), Fraction(10**9), Fraction(-(10**9))])
    assert [float(value) for value in tanh(row).fractions()] == [0, 1, -1]
    assert [float(value) for value in sigmoid(row).fractions()] == [0.5, 1, 0]


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_floats_are_taken_as_they_are(values):
    found = of_array(np.array(values, np.float32))
    assert [float(value) for value in found.fractions()] == values


def test_an_unknown_operator_is_named():
    with pytest.raises(ModelError, match="Sin"):
        run_exact(model("g (float[1, 2] input) => (float[1, 2] y) { y = Sin(input) }"), np.zeros((1, 2), np.float32))


@pytest.mark.parametrize("attributes", ['coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"', ""])
@pytest.mark.parametrize("scales", [(1, 1, 2, 3), (1, 1, 0.5, 1.5)])
def test_resizing_is_onnx_runtime_s(attributes, scales):
    import onnxruntime

    more = f", {attributes}" if attributes else ""
    proto = model(
        f'g (float[1, 2, 4, 4] input) => (float[1, 2, h, w] y) {{ y = Resize<mode = "nearest"{more}>(input, "", s) }}',
        s=np.array(scales, np.float32),
    )
    x = np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4)
    expected = onnxruntime.InferenceSession(proto.SerializeToString()).run(None, {"input": x})[0]
    assert (run_exact(proto, x)["y"].floats() == expected).all()


def test_slopes_and_maxima_are_onnx_runtime_s():
    import onnxruntime

    proto = model(
        "g (float[1, 2, 2, 2] input) => (float[1, 2, 1, 1] y) "
        "{ p = PRelu(input, s)\n y = ReduceMax<axes = [2, 3]>(p) }",
        s=np.array([0.25, 0.5], np.float32).reshape(2, 1, 1),
    )
    x = np.array([-4, -3, -2, -8, 1, -2, 0.5, 0], np.float32).reshape(1, 2, 2, 2)
    expected = onnxruntime.InferenceSession(proto.SerializeToString()).run(None, {"input": x})[0]
    assert (run_exact(proto, x)["y"].floats() == expected).all()
