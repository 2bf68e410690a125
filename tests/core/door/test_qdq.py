# SPDX-License-Identifier: Apache-2.0
"""QuantizeLinear and DequantizeLinear as Quant: the same codes, value for value."""

import numpy as np
import pytest
from onnx import helper
from tests.core.door.texts import held, kinds, model

from drawplate.door import take_in
from drawplate.errors import ModelError
from drawplate.ort import to_standard_onnx
from drawplate.ort.session import open_session


def pair(dtype, zero, scale, clip=None, axis=None):
    body = f"q = QuantizeLinear{f'<axis={axis}>' if axis is not None else ''}(x, s, z) "
    source = "q"
    weights = {"s": np.asarray(scale, np.float32), "z": np.asarray(zero, dtype)}
    if clip:
        body += "c = Clip(q, lo, hi) "
        source = "c"
        weights |= {"lo": np.asarray(clip[0], dtype), "hi": np.asarray(clip[1], dtype)}
    body += f"d = DequantizeLinear{f'<axis={axis}>' if axis is not None else ''}({source}, s, z) y = Relu(d)"
    return model(body, out="float[N,3,8,8] y", **weights)


def same(before, after, x):
    sessions = [open_session(to_standard_onnx(m), threads=1, exact=True) for m in (before, after)]
    return [session.run(None, {"x": x})[0] for session in sessions]


@pytest.mark.parametrize(
    ("dtype", "zero", "clip", "expected"),
    [
        (np.int8, 0, None, (8, 1, 0, 0)),
        (np.uint8, 0, None, (8, 0, 0, 0)),
        (np.uint8, 128, None, (8, 1, 0, 0)),
        (np.int8, -128, None, (8, 0, 0, 0)),
        (np.uint8, 100, None, (8, 0, 0, 100)),
        (np.int8, 0, (-8, 7), (4, 1, 0, 0)),
        (np.int8, 0, (-7, 7), (4, 1, 1, 0)),
        (np.uint8, 0, (0, 15), (4, 0, 0, 0)),
        (np.int8, 0, (0, 127), (7, 0, 0, 0)),
    ],
)
def test_a_pair_is_a_quantizer(dtype, zero, clip, expected):
    proto = pair(dtype, zero, 0.05, clip)
    taken = take_in(proto).proto
    assert kinds(taken) == ["Quant", "Relu"]
    node, known = taken.graph.node[0], held(taken)
    found = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    assert (known[node.input[3]], found["signed"], found["narrow"], known[node.input[2]]) == expected
    x = np.random.default_rng(1).uniform(-10, 10, (4, 3, 8, 8)).astype(np.float32)
    before, after = same(proto, taken, x)
    np.testing.assert_array_equal(before, after)


def test_ties_of_an_even_zero_point_fall_to_the_same_side_and_of_an_odd_one_it_is_said():
    x = (np.arange(-96, 96, dtype=np.float32) * 0.25).reshape(1, 3, 8, 8)
    even, odd = pair(np.uint8, 100, 0.5), pair(np.uint8, 101, 0.5)
    np.testing.assert_array_equal(*same(even, take_in(even).proto, x))
    entered = take_in(odd)
    before, after = same(odd, entered.proto, x)
    assert np.abs(before - after).max() == 0.5
    assert any("odd zero point" in change for change in entered.changes)


def test_a_range_that_no_quantizer_has_stays():
    taken = take_in(pair(np.int8, 0, 0.05, (-3, 5)))
    assert "DequantizeLinear" in kinds(taken.proto)


@pytest.mark.parametrize("axis", [0, 1])
def test_weights_per_channel_and_integer_biases(axis):
    random = np.random.default_rng(0)
    codes = random.integers(-128, 128, (4, 3, 3, 3)).astype(np.int8)
    scale = random.uniform(0.01, 0.1, codes.shape[axis]).astype(np.float32)
    bias = random.integers(-(2**20), 2**20, 4).astype(np.int32)
    body = f"w = DequantizeLinear<axis={axis}>(codes, s, z) b = DequantizeLinear(ints, t, o) y = Conv(x, w, b)"
    proto = model(
        body,
        out="float[N,4,6,6] y",
        codes=codes,
        s=scale,
        z=np.zeros_like(scale, np.int8),
        ints=bias,
        t=np.float32(0.001),
        o=np.int32(0),
    )
    taken = take_in(proto).proto
    assert kinds(taken) == ["Quant", "Conv"]
    node, known = taken.graph.node[0], held(taken)
    shape = [1, 1, 1, 1]
    shape[axis] = -1
    assert known[node.input[1]].shape == scale.reshape(shape).shape
    np.testing.assert_array_equal(np.rint(known[node.input[0]] / known[node.input[1]]), codes)
    x = random.standard_normal((2, 3, 8, 8)).astype(np.float32)
    np.testing.assert_array_equal(*same(proto, taken, x))


def test_layers_that_compute_in_integers_are_refused_by_name():
    body = "y = QLinearMatMul(a, s, z, b, s, z, s, z)"
    proto = model(
        body, given="uint8[N,4] a", out="uint8[N,4] y", b=np.ones((4, 4), np.uint8), s=np.float32(1), z=np.uint8(0)
    )
    with pytest.raises(ModelError, match=r"(?s)layer 'y'.*QLinearMatMul.*QuantFormat.QDQ"):
        take_in(proto)


def test_a_model_of_ties_and_odd_zero_points_is_refused_with_a_way_out():
    """Weights and inputs on a coarse grid: many sums lie midway between two codes."""
    body = (
        "q = QuantizeLinear(x, si, z0) d = DequantizeLinear(q, si, z0) h = Conv(d, w) "
        "p = QuantizeLinear(h, so, z3) y = DequantizeLinear(p, so, z3)"
    )
    w = np.random.default_rng(0).integers(-3, 4, (4, 3, 3, 3)) * np.float32(0.25)
    numbers = {"si": np.float32(0.5), "so": np.float32(0.25), "z0": np.uint8(128), "z3": np.uint8(3)}
    proto = model(body, out="float[N,4,6,6] y", w=w.astype(np.float32), **numbers)
    with pytest.raises(ModelError, match=r"(?s)'y' differs.*next: .*even zero points"):
        take_in(proto)
