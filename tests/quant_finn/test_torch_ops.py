# SPDX-License-Identifier: Apache-2.0
"""Quantizers in training: the same values as QONNX's executor and Brevitas, the same gradients as Brevitas."""
# ruff: noqa: TID253

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from brevitas.core.bit_width import BitWidthConst
from brevitas.core.function_wrapper import RoundSte, TensorClamp
from brevitas.core.quant import IntQuant
from hypothesis import given, settings
from hypothesis import strategies as st
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from tests.quant_finn.models import model, noise

from drawplate import ModelError
from drawplate.torch import OnnxModule
from drawplate_quant_finn.grid import Grid
from drawplate_quant_finn.training.straight_through import Round
from drawplate_quant_finn.training.torch_ops import handlers

bits_and_sign = st.tuples(st.integers(1, 8), st.booleans(), st.booleans())


def brevitas(x, scale, grid):
    quantizer = IntQuant(grid.narrow, grid.signed, torch.nn.Identity(), RoundSte(), TensorClamp())
    return quantizer(scale, torch.tensor(0.0), BitWidthConst(grid.bits)(), x)


@given(bits_and_sign, st.floats(0.01, 3), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_equal_to_brevitas(kind, scale, seed):
    bits, signed, narrow = kind
    if bits == 1 and (signed or narrow):
        return
    grid = Grid(bits, signed, narrow)
    start = torch.from_numpy(noise(4, 50, seed=seed)) * 3
    weight = torch.from_numpy(noise(4, 50, seed=seed + 1))
    results = []
    for ours in (True, False):
        x, s = start.clone().requires_grad_(), torch.tensor(np.float32(scale), requires_grad=True)
        y = Round.apply(x, s, float(grid.low), float(grid.high), 1.0, True) if ours else brevitas(x, s, grid)
        (y * weight).sum().backward()
        results.append((y.detach(), x.grad, s.grad))
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1] == 0, results[1][1] == 0)
    # Brevitas multiplies the gradient by the scale and divides it again: one rounding apart.
    torch.testing.assert_close(results[0][1], results[1][1], rtol=1e-6, atol=0)
    torch.testing.assert_close(results[0][2], results[1][2], rtol=1e-4, atol=1e-3)


TEXT = """
    g (float[4, 6] input) => (float[4, 6] y) {{
        y = qonnx.custom_op.general.Quant <signed = {signed}, narrow = {narrow}, rounding_mode = "{mode}">
            (input, s, z, b)
    }}
"""


@given(bits_and_sign, st.sampled_from(["ROUND", "CEIL", "FLOOR"]), st.sampled_from([0, 3]), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_equal_to_the_qonnx_executor(kind, mode, zero, seed):
    bits, signed, narrow = kind
    if bits == 1 and narrow:
        return
    proto = model(TEXT.format(signed=int(signed), narrow=int(narrow), mode=mode), s=0.37, z=zero, b=bits)
    x = noise(4, 6, seed=seed) * 2
    if bits == 1 and signed and zero:
        return
    (expected,) = execute_onnx(
        ModelWrapper(onnx.ModelProto.FromString(proto.SerializeToString())), {"input": x}
    ).values()
    found = OnnxModule(proto, handlers())(torch.from_numpy(x)).detach().numpy()
    if zero or mode != "ROUND":
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)
    else:
        np.testing.assert_array_equal(found, expected)


def test_bipolar_quant_equals_the_executor():
    proto = model(
        "g (float[2, 3] input) => (float[2, 3] y) { y = qonnx.custom_op.general.BipolarQuant(input, s) }", s=0.5
    )
    x = np.array([[-1, 0, 1], [2, -0.0, -3]], dtype=np.float32)
    (expected,) = execute_onnx(
        ModelWrapper(onnx.ModelProto.FromString(proto.SerializeToString())), {"input": x}
    ).values()
    np.testing.assert_array_equal(OnnxModule(proto, handlers())(torch.from_numpy(x)).detach().numpy(), expected)


def test_gradient_of_a_sign_stops_outside_of_the_scale_for_activations_only():
    activation = model(
        "g (float[1, 3] input) => (float[1, 3] y) { y = qonnx.custom_op.general.BipolarQuant(input, s) }", s=1
    )
    x = torch.tensor([[0.5, -0.5, 2.0]], requires_grad=True)
    OnnxModule(activation, handlers())(x).sum().backward()
    assert x.grad.tolist() == [[1, 1, 0]]
    weights = model(
        "g (float[1, 3] input) => (float[1, 3] y) { q = qonnx.custom_op.general.BipolarQuant(w, s) y = Mul(input, q) }",
        s=1,
        w=np.array([[0.5, -2, 3]]),
    )
    module = OnnxModule(weights, handlers())
    module(torch.ones(1, 3)).sum().backward()
    assert module.parameter("w").grad.tolist() == [[1, 1, 1]]


def test_trunc_equals_the_executor():
    proto = model(
        "g (float[2, 4] input) => (float[2, 4] y) {"
        ' y = qonnx.custom_op.general.Trunc <rounding_mode = "FLOOR"> (input, s, z, i, o) }',
        s=0.25, z=0, i=6, o=4,
    )  # fmt: skip
    x = np.arange(8, dtype=np.float32).reshape(2, 4) * 0.75
    (expected,) = execute_onnx(
        ModelWrapper(onnx.ModelProto.FromString(proto.SerializeToString())), {"input": x}
    ).values()
    np.testing.assert_array_equal(OnnxModule(proto, handlers())(torch.from_numpy(x)).detach().numpy(), expected)


def test_an_initializer_is_a_trained_scale_and_a_constant_is_not():
    trained = model(TEXT.format(signed=1, narrow=0, mode="ROUND"), s=0.3, z=0, b=3)
    assert len(list(OnnxModule(trained, handlers()).parameters())) == 1
    fixed = model(
        "g (float[4, 6] input) => (float[4, 6] y) { s = Constant <value_float = 0.3> ()"
        ' y = qonnx.custom_op.general.Quant <signed = 1, narrow = 0, rounding_mode = "ROUND"> (input, s, z, b) }',
        z=0, b=3,
    )  # fmt: skip
    assert list(OnnxModule(fixed, handlers()).parameters()) == []


def test_a_trained_scale_stays_positive():
    module = OnnxModule(model(TEXT.format(signed=1, narrow=0, mode="ROUND"), s=0.3, z=0, b=3), handlers()).train()
    with torch.no_grad():
        module.parameter("s").fill_(-1.0)
    assert torch.isfinite(module(torch.ones(4, 6))).all()
    assert module.parameter("s") > 0


def test_an_unknown_rounding_is_named():
    with pytest.raises(ModelError, match="SIDEWAYS"):
        OnnxModule(model(TEXT.format(signed=1, narrow=0, mode="SIDEWAYS"), s=0.3, z=0, b=3), handlers())


def test_a_trained_scale_learns_the_same_from_images_with_the_channels_last():
    images = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    found = []
    for memory in (torch.contiguous_format, torch.channels_last):
        scale = torch.tensor(0.2, requires_grad=True)
        x = images.clone(memory_format=memory).requires_grad_()
        quantized = Round.apply(x, scale, 0.0, 3.0, 0.5, True)
        (quantized * images.abs().clone(memory_format=torch.contiguous_format)).sum().backward()
        found.append((x.grad, scale.grad))
    torch.testing.assert_close(found[1], found[0])


def test_two_quantizers_may_read_one_trained_scale():
    """As before a residual addition: the gradients of both arrive at the scale."""
    text = """
        g (float[N, 6] input) => (float[N, 6] y) {
            a = qonnx.custom_op.general.Quant <signed = 1, narrow = 1> (input, s, z, b)
            n = Neg(input)
            c = qonnx.custom_op.general.Quant <signed = 1, narrow = 1> (n, s, z, b)
            y = Sub(a, c)
        }
    """
    one = text.replace("c = ", "unused = ").replace("Sub(a, c)", "Sub(a, n)")
    x = torch.from_numpy(noise(64, 6))
    slopes = []
    for graph in (text, one):
        module = OnnxModule(model(graph, s=0.25, z=0, b=4), handlers()).train()
        module(x).sum().backward()
        slopes.append(module.parameter("s").grad)
    torch.testing.assert_close(slopes[0], 2 * slopes[1])
