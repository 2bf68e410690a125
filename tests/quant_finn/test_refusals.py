# SPDX-License-Identifier: Apache-2.0
"""Models that cannot be lowered are refused by node, with a reason and a way out, and no tool is asked."""
# ruff: noqa: E501 - graphs in one line each

from __future__ import annotations

import numpy as np
import pytest
from tests.quant_finn.models import model, noise

from drawplate import ModelError
from drawplate_quant_finn.lowering.network import lowered
from drawplate_quant_finn.options import LowerOptions

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
        dense(f"s1 = MatMul(x, wq) a = Elu(s1) q = {SIGNED} (a, s, z, b) logits = MatMul(q, vq)"),
        "no hardware for Elu", "Relu, LeakyRelu",
    ),
    "falling function": (
        dense(f"s1 = MatMul(x, wq) a = LeakyRelu <alpha = -0.5> (s1) q = {SIGNED} (a, s, z, b) logits = MatMul(q, vq)"),
        "its slope -0.5 below 0 falls", "at least 0",
    ),
    "softmax": (
        dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, z, b) s2 = MatMul(q, vq) logits = Softmax(s2)"),
        "no hardware for Softmax", "Relu, LeakyRelu",
    ),
    "per channel": (
        dense(
            f"s1 = MatMul(x, wq) q = {SIGNED} (s1, many, z, b) logits = MatMul(q, vq)",
            many=np.sqrt(np.arange(1, 6)).reshape(1, 5) / 8,
        ),
        "scale differs by channel", "one constant scale",
    ),
    "computed scale": (
        dense(f"s1 = MatMul(x, wq) m = ReduceMin <keepdims = 0> (s1) q = {SIGNED} (s1, m, z, b) logits = MatMul(q, vq)"),
        "no hardware for ReduceMin", "Relu",
    ),
    "wide": (
        dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, z, b16) logits = MatMul(q, vq)", b16=16),
        "bit width is not one number of 1..8", "at most 8 bits",
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
    "ceil": (
        images("c = AveragePool <kernel_shape = [3, 3], strides = [2, 2], ceil_mode = 1> (x) logits = Conv <kernel_shape = [3, 3]> (c, wq)"),
        "reach over the edge", "ceil_mode = 0",
    ),
    "two streams": (
        images(f"c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) logits = Mul(q, q)"), "multiplies two streams", "constants",
    ),
    "average of fewer numbers at the border": (
        images("p = AveragePool <kernel_shape = [2, 2], pads = [1, 1, 0, 0]> (x) logits = Conv <kernel_shape = [3, 3]> (p, wq)"),
        "averages fewer numbers at the border", "count_include_pad",
    ),
    "zero scale": (
        dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, none, z, b) logits = MatMul(q, vq)", none=0),
        "scale is 0", "above 0",
    ),
    "zero weight scale": (
        dense(f"v = {SIGNED} (w2, none, z, b) s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, z, b) logits = MatMul(q, v)", none=0),
        "scale is 0", "above 0",
    ),
    "odd zero point of weights": (
        dense(f"v = {SIGNED} (w2, s, t, b) s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, z, b) logits = MatMul(q, v)"),
        "no whole number", "zero point of 0",
    ),
    "unknown rounding": (
        dense(f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED.replace('ROUND', 'SOMEHOW')} (a, s, z, b) logits = MatMul(q, vq)"),
        "rounding_mode is 'SOMEHOW'", "FLOOR",
    ),
    "border behind a shift": (
        images(f"h = Sub(x, one) logits = {CONV}(h, wq)"), "no code stands for 0", "normalise in",
    ),
    "border of another kind": (
        images('p = Pad <mode = "reflect"> (x, pads) logits = Conv <kernel_shape = [3, 3]> (p, wq)', pads=[0, 0, 1, 1, 0, 0, 1, 1]),
        "pads with reflect", "zeros",
    ),
    "no number": (dense("logits = MatMul(x, bad)", START + f" bad = {SIGNED} (w3, s, z, b)", w3=np.full((6, 4), np.nan)), "NaN", "again"),
    "sizes that do not fit": (dense("s1 = MatMul(x, vq) logits = MatMul(s1, vq)"), "5 weights per output do not fit 6", "check"),
    "not finite": (
        dense(f"s1 = MatMul(x, wq) n = Mul(s1, bad) q = {SIGNED} (n, s, z, b) logits = MatMul(q, vq)", bad=np.inf), "not finite", "again",
    ),
    "trunc": (
        images(f"c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) tr = qonnx.custom_op.general.Trunc (q, s, one, b, b) logits = {CONV}(tr, vq)"),
        "zero point", "zero point of 0",
    ),
    "image at the end": (images(f"logits = {CONV}(x, wq)"), "output is an image of 6 x 6", "Flatten"),
    "concatenation along rows": (
        images(f"c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) logits = Concat <axis = 2> (q, q)"), "along axis 2", "axis 1",
    ),
    "enlarged by a fraction": (
        images(f'c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) logits = Resize <mode = "nearest"> (q, , factors)', factors=[1, 1, 1.5, 1.5]),
        "not every pixel some times", "whole factors",
    ),
    "enlarged linearly": (
        images(f'c = {CONV}(x, wq) q = {SIGNED} (c, s, z, b) logits = Resize <mode = "linear"> (q, , factors)', factors=[1, 1, 2, 2]),
        "not every pixel some times", "mode = nearest",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    proto, reason, hint = REFUSED[name]
    with pytest.raises(ModelError, match=reason) as caught:
        lowered(proto)
    assert caught.value.where
    assert any(part in (caught.value.hint or "") for part in hint.split("|"))
    assert len(caught.value.message.splitlines()) <= 3


TAKEN = [
    f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, z, b) logits = MatMul(q, vq)",
    f"s1 = MatMul(x, wq) a = LeakyRelu(s1) q = {SIGNED} (a, s, z, b) logits = MatMul(q, vq)",
    f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED} (a, s, one, b) logits = MatMul(q, vq)",
    f"v = {SIGNED} (w2, s, one, b) a = MatMul(x, wq) q = {SIGNED} (a, s, z, b) logits = MatMul(q, v)",
    f"s1 = MatMul(x, wq) a = Relu(s1) q = {SIGNED} (a, s, z, b) logits = MatMul(q, vq)",
    f"s1 = MatMul(x, wq) a = Relu(s1) q = {UNSIGNED.replace('ROUND', 'FLOOR')} (a, s, z, b) logits = MatMul(q, vq)",
    f"s1 = MatMul(x, wq) q = {SIGNED} (s1, many, z, b) logits = MatMul(q, vq)",  # scales of one unit
]


@pytest.mark.parametrize("body", TAKEN)
def test_taken(body):
    assert lowered(dense(body, many=np.arange(1, 6).reshape(1, 5) / 8)).graph.node


@pytest.mark.parametrize("datatype", ["FLOAT32", "UINT9", "INT", "UINT0"])
def test_a_wrong_input_datatype(datatype):
    proto = dense("s1 = MatMul(input, wq) logits = Relu(s1)", START.replace("(input, si", "(z2, si"), z2=noise(1, 6))
    with pytest.raises(ModelError, match=datatype):
        lowered(proto, LowerOptions(input_datatype=datatype))
