# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Gradients of every element-wise operator where arithmetic is at its limits."""

import numpy as np
import onnx
import pytest
import torch

from drawplate.task import task_named
from drawplate.torch import OnnxModule
from drawplate.torch.loop import Batch, task_loss

LARGE = [1e-30, 1e-6, 0.5, 1.0, 3.0, 6.0, 20.0, 88.0, 100.0, 1e3, 1e4, 1e6]
EVERYWHERE = [-value for value in reversed(LARGE)] + [-0.0, 0.0] + LARGE
POSITIVE = [0.0, *LARGE]

WRITTEN_OUT = """zero = Constant<value_float = 0.0>() one = Constant<value_float = 1.0>() c = Greater(x, zero)
    e = Exp(x) m = Sub(e, one) y = Where(c, x, m)"""
# body over x, and its derivative (None: only that it is a number)
ACTIVATIONS = {
    "Elu": ("y = Elu<alpha = 0.7>(x)", lambda x: np.where(x > 0, 1, 0.7 * np.exp(np.minimum(x, 0)))),
    "Elu written out": (
        WRITTEN_OUT,
        lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0))),
    ),
    "Celu": ("y = Celu<alpha = 2.0>(x)", lambda x: np.where(x > 0, 1, np.exp(np.minimum(x, 0) / 2))),
    "Selu": (
        "y = Selu<alpha = 1.5, gamma = 2.0>(x)",
        lambda x: np.where(x > 0, 2.0, 3.0 * np.exp(np.minimum(x, 0))),
    ),
    "Softplus": ("y = Softplus(x)", lambda x: 1 / (1 + np.exp(-np.clip(x, -700, 700)))),
    "Sigmoid": ("y = Sigmoid(x)", None),
    "Tanh": ("y = Tanh(x)", lambda x: 1 - np.tanh(x) ** 2),
    "Erf": ("y = Erf(x)", lambda x: 2 / np.sqrt(np.pi) * np.exp(-(np.clip(x, -26, 26) ** 2))),
    "Gelu": ("y = Gelu(x)", None),
    "Gelu by tanh": ('y = Gelu<approximate = "tanh">(x)', None),
    "HardSwish": ("y = HardSwish(x)", lambda x: np.where(x >= 3, 1, np.where(x <= -3, 0, (2 * x + 3) / 6))),
    "HardSigmoid": ("y = HardSigmoid(x)", None),
    "Mish": ("y = Mish(x)", None),
    "Softsign": ("y = Softsign(x)", lambda x: 1 / (1 + np.abs(x)) ** 2),
    "LeakyRelu": ("y = LeakyRelu(x)", lambda x: np.where(x > 0, 1, 0.01)),
    "ThresholdedRelu": ("y = ThresholdedRelu<alpha = 2.0>(x)", lambda x: (x > 2).astype(float)),
    "Relu": ("y = Relu(x)", None),
    "Clip": ("a = Constant<value_float = -1.0>() b = Constant<value_float = 2.0>() y = Clip(x, a, b)", None),
    "Abs": ("y = Abs(x)", None),
    "Swish": ("s = Sigmoid(x) y = Mul(x, s)", None),
    "square": ("two = Constant<value_float = 2.0>() y = Pow(x, two)", lambda x: 2 * x),
    "cube": ("three = Constant<value_float = 3.0>() y = Pow(x, three)", lambda x: 3 * x**2),
    "norm": ("s = Mul(x, x) y = Sqrt(s)", np.sign),
    "norm by Pow": ("h = Constant<value_float = 0.5>() s = Mul(x, x) y = Pow(s, h)", np.sign),
    "ReduceL2": ("a = Constant<value_ints = [1]>() y = ReduceL2(x, a)", np.sign),
    "guarded division": (
        "zero = Constant<value_float = 0.0>() c = Equal(x, zero) d = Div(x, x) y = Where(c, zero, d)",
        np.zeros_like,
    ),
    "guarded logarithm": (
        "zero = Constant<value_float = 0.0>() c = Greater(x, zero) d = Log(x) y = Where(c, d, zero)",
        lambda x: np.where(x > 0, 1 / np.where(x > 0, x, 1), 0),
    ),
}


def model(body):
    proto = onnx.parser.parse_model(
        f'<ir_version: 9, opset_import: ["" : 20]> g (float[N,1] x) => (float[N,1] y) {{ {body} }}'
    )
    return OnnxModule(proto, {})


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gradients_are_numbers_everywhere(name):
    body, derivative = ACTIVATIONS[name]
    x = torch.tensor(EVERYWHERE, dtype=torch.float32)[:, None].requires_grad_()
    y = model(body)(x)
    assert torch.isfinite(y[np.abs(EVERYWHERE) < 1e4]).all()
    y[torch.isfinite(y)].sum().backward()
    assert torch.isfinite(x.grad).all(), dict(zip(EVERYWHERE, x.grad[:, 0].tolist(), strict=True))
    if derivative is not None:
        places = np.array(EVERYWHERE)
        smooth = (places != 0) & (np.abs(places) > 1e-10) & ~np.isin(np.abs(places), (3.0,))
        exact = derivative(places)
        np.testing.assert_allclose(x.grad[:, 0].numpy()[smooth], exact[smooth], rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize("body", ["y = Sqrt(x)", "h = Constant<value_float = 0.5>() y = Pow(x, h)"])
def test_roots_of_zero(body):
    x = torch.tensor(POSITIVE)[:, None].requires_grad_()
    model(body)(x).sum().backward()
    assert torch.isfinite(x.grad).all()
    np.testing.assert_allclose(x.grad[1:, 0], 0.5 / np.sqrt(LARGE), rtol=1e-5)


def test_divisions_of_all_shapes_have_the_gradients_of_torch():
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[N,3,4] x) => (float y) <float[3,1] w = {1.5, -2, 0.5}> '
        "{ a = Div(x, w) b = Reciprocal(w) c = Mul(a, b) y = Div(c, a) }"
    )
    module = OnnxModule(proto, {})
    x = torch.randn(5, 3, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    (module(x) * torch.arange(12.0).reshape(3, 4)).sum().backward()
    w = torch.tensor([[1.5], [-2], [0.5]], requires_grad=True)
    other = x.detach().requires_grad_()
    (((other / w) * (1 / w) / (other / w)) * torch.arange(12.0).reshape(3, 4)).sum().backward()
    torch.testing.assert_close(module.parameter("w").grad, w.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(x.grad, other.grad, rtol=1e-4, atol=1e-3)


def test_an_exponent_is_not_trained():
    """A negative base has no derivative by its exponent, and ``x ** 3`` of a GELU is no weight."""
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[N,3] x) => (float[N,3] y) '
        "<float three = {3.0}, float[3] w = {1, 2, 3}> { a = Mul(x, w) b = Pow(a, three) y = Mul(b, three) }"
    )
    module = OnnxModule(proto, {})
    module(torch.tensor([[-1.0, 0.0, 2.0]])).sum().backward()
    assert torch.isfinite(module.parameter("w").grad).all()
    assert [parameter.shape for parameter in module.parameters()] == [(3,)]
    assert module.to_onnx() == proto


def test_large_inputs_are_trained_with_elu():
    """Pixels from 0 to 255 made the old gradient NaN in the first step."""
    proto = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 13]> g (float[N,4] x) => (float[N,2] y) '
        "<float[4,2] w = {1, 2, 1, 0, 2, 1, 0, 1}> { h = MatMul(x, w) y = Elu(h) }"
    )
    module = OnnxModule(proto, {})
    x = 255 * torch.rand(8, 4, generator=torch.Generator().manual_seed(0))
    batch = Batch(x=x, y=torch.tensor([0, 1] * 4), index=torch.arange(8), view=None, epoch=0)
    loss = task_loss(task_named("classification"), module(x), batch)
    loss.backward()
    assert torch.isfinite(module.parameter("w").grad).all()
