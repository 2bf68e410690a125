# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Quantizers written out in standard operators give what QONNX's own executor gives, to the last bit."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from drawplate.errors import ModelError
from drawplate.ort import to_standard_onnx
from drawplate.ort.standard import ROUNDING, limits

pytest.importorskip("qonnx")
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.custom_op.general.bipolar_quant import binary_quant
from qonnx.custom_op.general.intquant import int_quant
from qonnx.custom_op.general.trunc import trunc_v1, trunc_v2

DOMAIN = "qonnx.custom_op.general"
F32 = np.float32
values = st.lists(
    st.one_of(st.floats(-300, 300, width=32), st.integers(-600, 600).map(lambda i: i / 4)), min_size=1, max_size=40
).map(lambda numbers: np.asarray(numbers, F32))
scales = st.sampled_from([0.03125, 0.25, 0.5, 1.0, 2.0, 0.1, 0.0073, 1 / 3]).map(F32)


def one_node(kind, x, constants, **attributes) -> onnx.ModelProto:
    names = [f"c{i}" for i in range(len(constants))]
    node = helper.make_node(kind, ["x", *names], ["y"], name="quantizer", domain=DOMAIN, **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, x.shape)],
        [numpy_helper.from_array(np.asarray(c, F32), n) for n, c in zip(names, constants, strict=True)],
    )
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid(DOMAIN, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def run(model: onnx.ModelProto, x) -> np.ndarray:
    standard = to_standard_onnx(model)
    onnx.checker.check_model(standard, full_check=True)
    assert {node.domain for node in standard.graph.node} == {""}
    session = onnxruntime.InferenceSession(standard.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


@settings(max_examples=120, deadline=None)
@given(
    x=values,
    scale=scales,
    zero=st.sampled_from([0, 0, 0, 1, -3, 2.5]),
    bits=st.integers(1, 9),
    signed=st.booleans(),
    narrow=st.booleans(),
    mode=st.sampled_from(ROUNDING),
)
def test_quant(x, scale, zero, bits, signed, narrow, mode):
    model = one_node("Quant", x, (scale, zero, bits), signed=int(signed), narrow=int(narrow), rounding_mode=mode)
    expected = int_quant(x, np.asarray(scale), np.asarray(zero, F32), np.asarray(bits, F32), signed, narrow, mode)
    np.testing.assert_array_equal(run(model, x), expected)


@settings(max_examples=40, deadline=None)
@given(x=values, scale=scales)
def test_bipolar_quant(x, scale):
    np.testing.assert_array_equal(run(one_node("BipolarQuant", x, (scale,)), x), binary_quant(x, scale))


@settings(max_examples=60, deadline=None)
@given(
    x=values,
    scale=scales,
    zero=st.sampled_from([0, 0, 4]),
    taken=st.integers(4, 10),
    given_bits=st.integers(1, 4),
    mode=st.sampled_from(ROUNDING),
)
def test_trunc_version_1(x, scale, zero, taken, given_bits, mode):
    numbers = [np.asarray(n, F32) for n in (scale, zero, taken, given_bits)]
    model = one_node("Trunc", x, numbers, rounding_mode=mode)
    np.testing.assert_array_equal(run(model, x), trunc_v1(x, *numbers, mode))


@settings(max_examples=60, deadline=None)
@given(
    x=values,
    scale=scales,
    zero=st.sampled_from([0, 0, 4]),
    shift=st.integers(0, 4),
    bits=st.integers(2, 8),
    signed=st.booleans(),
    narrow=st.booleans(),
    mode=st.sampled_from(ROUNDING),
)
def test_trunc_version_2(x, scale, zero, shift, bits, signed, narrow, mode):
    numbers = [np.asarray(n, F32) for n in (scale, zero, 8, scale * 2**shift, bits)]
    model = one_node("Trunc", x, numbers, rounding_mode=mode, signed=int(signed), narrow=int(narrow))
    scale_, zero_, taken, out_scale, out_bits = numbers
    expected = trunc_v2(x, scale_, zero_, taken, narrow, signed, out_scale, out_bits, mode)
    np.testing.assert_array_equal(run(model, x), expected)


@pytest.mark.parametrize(
    ("bits", "signed", "narrow", "low", "high"),
    [(8, True, False, -128, 127), (8, True, True, -127, 127), (8, False, False, 0, 255), (4, False, True, 0, 14)],
)
def test_limits(bits, signed, narrow, low, high):
    assert limits(np.asarray(bits, F32), signed=signed, narrow=narrow) == (low, high)


def test_a_scale_per_channel_is_kept():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 4)).astype(F32)
    scale = np.asarray([0.1, 0.2, 0.4], F32).reshape(1, 3, 1, 1)
    model = one_node("Quant", x, (scale, 0, 4), signed=1, narrow=1, rounding_mode="ROUND")
    np.testing.assert_array_equal(run(model, x), int_quant(x, scale, F32(0), np.asarray(4, F32), 1, 1, "ROUND"))


NETWORK = """
<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>
network (float[8,1,8,8] input) => (float[8,10] logits)
<float one = {0.0078125}, float step = {0.125}, float zero = {0}, float eight = {8}, float three = {3},
 float two = {2}, float wstep = {0.0625}>
{
    [q_in] qx = qonnx.custom_op.general.Quant<signed = 0, narrow = 0, rounding_mode = "ROUND">(input, one, zero, eight)
    [q_w1] qw1 = qonnx.custom_op.general.Quant<signed = 1, narrow = 1, rounding_mode = "ROUND">(w1, wstep, zero, three)
    [conv] c = Conv<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(qx, qw1)
    [norm] n = BatchNormalization<epsilon = 1e-5>(c, gamma, beta, mean, var)
    [act] a = Relu(n)
    [q_act] qa = qonnx.custom_op.general.Quant<signed = 0, narrow = 0, rounding_mode = "ROUND">(a, step, zero, two)
    [flat] f = Flatten(qa)
    [q_w2] qw2 = qonnx.custom_op.general.BipolarQuant(w2, wstep)
    [head] logits = MatMul(f, qw2)
}
"""


def network() -> onnx.ModelProto:
    random = np.random.default_rng(7)
    model = onnx.parser.parse_model(NETWORK)
    arrays = {
        "w1": random.standard_normal((6, 1, 3, 3)) / 3,
        "w2": random.standard_normal((384, 10)),
        "gamma": random.uniform(0.5, 2, 6),
        "beta": random.standard_normal(6) / 5,
        "mean": random.standard_normal(6) / 5,
        "var": random.uniform(0.2, 2, 6),
    }
    model.graph.initializer.extend(numpy_helper.from_array(a.astype(F32), n) for n, a in arrays.items())
    return model


@pytest.fixture
def images():
    return np.random.default_rng(1).uniform(0, 1, (8, 1, 8, 8)).astype(F32)


def outputs(images, **steps):
    """Logits of the network by the executor and by ONNX Runtime."""
    from qonnx.transformation.infer_shapes import InferShapes

    from drawplate.ort import optimise
    from drawplate.ort.session import open_session

    model = network()
    for tensor in model.graph.initializer:
        if tensor.name in steps:
            tensor.CopyFrom(numpy_helper.from_array(np.asarray(steps[tensor.name], F32), tensor.name))
    expected = execute_onnx(ModelWrapper(model).transform(InferShapes()), {"input": images})["logits"]
    session = open_session(optimise(model, exact=True), threads=1, exact=True)
    return expected, session.run(None, {"input": images})[0]


def test_a_network_of_powers_of_two_agrees_to_the_last_bit(images):
    expected, found = outputs(images)
    assert len(np.unique(expected)) > 20
    np.testing.assert_array_equal(found, expected)


def test_other_scales_agree_within_the_order_of_sums(images):
    expected, found = outputs(images, step=0.1, wstep=0.07)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_what_is_not_given_stays_untouched():
    model = network()
    before = model.SerializeToString(deterministic=True)
    to_standard_onnx(model)
    assert model.SerializeToString(deterministic=True) == before


def test_a_standard_model_is_returned_as_it_is(tiny):
    assert to_standard_onnx(tiny) == tiny


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda model: setattr(model.graph.node[0], "op_type", "FloatQuant"), "layer 'q_in': FloatQuant cannot"),
        (lambda model: setattr(model.opset_import[0], "version", 9), "has opset 9"),
        (lambda model: model.graph.node[0].input.__setitem__(3, "input"), "layer 'q_in': its bit width is not one"),
        (lambda model: setattr(model.graph.node[0].attribute[2], "s", b"SIDEWAYS"), "SIDEWAYS"),
    ],
)
def test_what_cannot_be_written_out_is_named(change, message):
    model = network()
    change(model)
    with pytest.raises(ModelError, match=message):
        to_standard_onnx(model)
