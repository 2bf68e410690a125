# SPDX-License-Identifier: Apache-2.0
"""Models that cannot be lowered are refused by node, with a reason and a way out, before FINN is asked."""
# ruff: noqa: E501 - graphs in one line each

from __future__ import annotations

import numpy as np
import pytest
from tests.quant_finn.models import model, noise

from drawplate import ModelError
from drawplate_quant_finn.codes import take_codes
from drawplate_quant_finn.diagnose import check_lowerable
from drawplate_quant_finn.surgery import prepare

QUANT = "qonnx.custom_op.general.Quant"
SIGNED = f'{QUANT} <signed = 1, narrow = 1, rounding_mode = "ROUND">'
UNSIGNED = f'{QUANT} <signed = 0, narrow = 0, rounding_mode = "ROUND">'
START = f"""
    x = {UNSIGNED} (input, si, z, b8)
    wq = {SIGNED} (w1, s, z, b)
    vq = {SIGNED} (w2, s, z, b)
"""
VALUES = {"si": 1 / 255, "s": 0.25, "z": 0, "b": 3, "b8": 8, "t": 0.5, "one": 1}


def dense(body, start=START, **arrays):
    """A perceptron of 6 inputs, 5 neurons and 4 classes around some nodes."""
    text = f"g (float[N, 6] input) => (float[N, 4] logits) {{ {start} {body} }}"
    return model(text, **{"w1": noise(6, 5), "w2": noise(5, 4), **VALUES, **arrays})


def images(body, **arrays):
    """A convolution of 4 channels around some nodes."""
    text = f"g (float[N, 2, 6, 6] input) => (float[N, 4, 6, 6] logits) {{ {START} {body} }}"
    return model(text, **{"w1": noise(4, 2, 3, 3), "w2": noise(4, 4, 3, 3), **VALUES, **arrays})


CONV = "Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]>"
REFUSED = {
    "input": (
        dense("s1 = MatMul(input, wq) logits = MatMul(s1, vq)", START.replace("(input, si", "(z2, si"), z2=noise(1, 6)),
        "is not quantized", "input_datatype",
    ),
    "weights": (dense("logits = MatMul(x, w1)"), "weights are not quantized", "Quant"),
    "activation": (
        dense("s1 = MatMul(x, wq) a = Relu(s1) logits = MatMul(a, vq)"), "what Relu gives is not quantized", "Quant node",
    ),
    "no activation": (dense("s1 = MatMul(x, wq) logits = MatMul(s1, vq)"), "its input is not quantized", "Quant node"),
    "function": (
        dense(f"s1 = MatMul(x, wq) a = LeakyRelu(s1) q = {SIGNED} (a, s, z, b) logits = MatMul(q, vq)"),
        "no hardware for LeakyRelu", "Relu, Tanh",
    ),
    "softmax": (
        dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, z, b) s2 = MatMul(q, vq) logits = Softmax(s2)"),
        "no hardware for Softmax", "Relu, Tanh",
    ),
    "zero point": (
        dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, one, b) logits = MatMul(q, vq)"),
        "zero point is not 0", "symmetrically",
    ),
    "weights' zero point": (
        dense(f"v = {SIGNED} (w2, s, one, b) a = MatMul(x, wq) q = {SIGNED} (a, s, z, b) logits = MatMul(q, v)"),
        "zero point is not 0", "symmetrically",
    ),
    "signed relu": (
        dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {SIGNED} (a, s, z, b) logits = MatMul(q, vq)"),
        "signed or narrow behind Relu", "unsigned",
    ),
    "per channel": (
        dense(
            f"s1 = MatMul(x, wq) q = {SIGNED} (s1, many, z, b) logits = MatMul(q, vq)",
            many=np.arange(1, 6).reshape(1, 5) / 8,
        ),
        "scale differs by channel", "one constant scale",
    ),
    "computed scale": (
        dense(f"s1 = MatMul(x, wq) m = ReduceMax <keepdims = 0> (s1) q = {SIGNED} (s1, m, z, b) logits = MatMul(q, vq)"),
        "scale is computed from activations|no hardware for ReduceMax", "constant scale|Relu",
    ),
    "wide": (
        dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, z, b16) logits = MatMul(q, vq)", b16=16),
        "bit width is not one number of 1..8", "at most 8 bits",
    ),
    "rounding": (
        dense(
            f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED.replace('ROUND', 'FLOOR')} (a, s, z, b) logits = MatMul(q, vq)"
        ),
        "does not round to nearest", "ROUND",
    ),
    "addition": (
        images(f"c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) d = {CONV}(q, vq) logits = Add(q, d)"),
        "input 'd' is not quantized", "one scale",
    ),
    "scales of an addition": (
        images(
            f"c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) d = {CONV}(q, vq) e = {SIGNED} (d, t, z, b) logits = Add(q, e)"
        ),
        "different scales .0.25 and 0.5.", "same scale",
    ),
    "depthwise": (
        images(
            f"c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) k = {SIGNED} (wd, s, z, b)"
            " logits = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1], group = 4> (q, k)",
            wd=noise(4, 1, 3, 3),
        ),
        "grouped", "group = 1",
    ),
    "auto_pad": (
        images('logits = Conv <kernel_shape = [3, 3], auto_pad = "SAME_UPPER"> (x, wq)'), "auto_pad", "write the pads out",
    ),
    "ceil": (
        images("c = MaxPool <kernel_shape = [2, 2], ceil_mode = 1> (x) logits = Conv <kernel_shape = [3, 3]> (c, wq)"),
        "reach over the edge", "ceil_mode = 0",
    ),
    "two streams": (
        images(f"c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) logits = Mul(q, q)"), "multiplies two streams", "constants",
    ),
    "average": (
        images("p = AveragePool <kernel_shape = [2, 2]> (x) logits = Conv <kernel_shape = [3, 3]> (p, wq)"),
        "no hardware for AveragePool", "max-pooling",
    ),
    "concatenation": (
        images(f"c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) logits = Concat <axis = 1> (q, q)"),
        "no hardware for Concat", "max-pooling",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    proto, reason, hint = REFUSED[name]
    prepare(proto)
    with pytest.raises(ModelError, match=reason) as caught:
        check_after(proto)
    assert caught.value.where
    assert any(part in (caught.value.hint or "") for part in hint.split("|"))
    assert len(caught.value.message.splitlines()) <= 3


def check_after(proto):
    take_codes(proto)
    check_lowerable(proto)


def test_a_good_model_passes():
    proto = dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, z, b) logits = MatMul(q, vq)")
    prepare(proto)
    check_after(proto)


@pytest.mark.parametrize("datatype", ["FLOAT32", "UINT9", "INT", "UINT0"])
def test_a_wrong_input_datatype(datatype):
    proto = dense("s1 = MatMul(input, wq) logits = Relu(s1)", START.replace("(input, si", "(z2, si"), z2=noise(1, 6))
    with pytest.raises(ModelError, match=datatype):
        take_codes(proto, datatype)
