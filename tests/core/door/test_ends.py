# SPDX-License-Identifier: Apache-2.0
"""What is cut off a model's ends, and comes back in exports."""

import numpy as np
import pytest
from tests.core.door.texts import kinds, model, shape

from drawplate.data import Normalisation
from drawplate.door import Wish, ends_of, normalisation_behind, put_back, tail_of, take_in
from drawplate.ort.session import open_session

FC = {"w": (192, 4), "b": (4,)}
GEMM = "f = Flatten(x) l = Gemm(f, w, b) "


def run(proto, **feed):
    return open_session(proto, threads=1, exact=True).run(None, feed)


@pytest.mark.parametrize(
    ("tail", "out", "ops"),
    [
        ("y = Softmax(l)", "float[N,4] y", ("Softmax",)),
        ("y = LogSoftmax<axis=1>(l)", "float[N,4] y", ("LogSoftmax",)),
        ("y = Sigmoid(l)", "float[N,4] y", ("Sigmoid",)),
        ("y = ArgMax<axis=1, keepdims=0>(l)", "int64[N] y", ("ArgMax",)),
        ("k = Constant<value_ints=[2]>() v, y = TopK(l, k)", "float[N,2] v, int64[N,2] y", ("TopK",)),
        ("s = Softmax(l) y = Log(s)", "float[N,4] y", ("Softmax", "Log")),
        ("s = Softmax(l) y = ArgMax<axis=1>(s)", "int64[N,1] y", ("Softmax", "ArgMax")),
        ("s = Softmax(l) c = Cast<to=1>(s) y = Identity(c)", "float[N,4] y", ("Softmax",)),
    ],
)
def test_a_tail_is_cut_off_and_put_back(tail, out, ops):
    proto = model(GEMM + tail, out=out, **FC)
    taken = take_in(proto).proto
    assert kinds(taken) == ["Flatten", "Gemm"]
    found = tail_of(taken)
    assert found.ops == ops
    x = np.random.default_rng(0).standard_normal((5, 3, 8, 8)).astype(np.float32)
    for old, new in zip(run(proto, x=x), run(put_back(taken), x=x), strict=True):
        np.testing.assert_array_equal(old, new)
    assert [value.name for value in put_back(taken).graph.output] == [value.name for value in proto.graph.output]


@pytest.mark.parametrize(
    ("body", "out", "task"),
    [
        (GEMM + "s = Sigmoid(l) y = Mul(s, l)", "float[N,4] y", None),
        ("p = Sigmoid(x) y = Identity(p)", "float[N,3,8,8] y", None),
        (GEMM + "y = Sigmoid(l)", "float[N,4] y", "regression"),
        (GEMM + "y = Relu(l)", "float[N,4] y", None),
        (GEMM + "y = Log(l)", "float[N,4] y", None),
        (GEMM + "y = ArgMin<axis=1>(l)", "int64[N,1] y", None),
        (GEMM + "k = Constant<value_ints=[2]>() v, y = TopK<largest=0>(l, k)", "float[N,2] v, int64[N,2] y", None),
        (GEMM + "y = Softmax<axis=0>(l)", "float[N,4] y", None),
        (GEMM + "y = LogSoftmax<axis=-2>(l)", "float[N,4] y", None),
        (GEMM + "y = ArgMax<keepdims=1>(l)", "int64[1,4] y", None),
    ],
)
def test_what_is_no_tail_stays(body, out, task):
    taken = take_in(model(body, out=out, **FC), Wish(task=task)).proto
    assert tail_of(taken) is None


MEAN, STD = (np.array(v, np.float32).reshape(1, 3, 1, 1) for v in ([0.1, 0.2, 0.3], [0.5, 0.25, 2.0]))
LAST = "h = Transpose<perm=[0,3,1,2]>(e)"
HEADS = {
    "shift and scale": (
        "o = Constant<value_float=1.0>() two = Constant<value_float=2.0>() a = Add(x, o) h = Div(a, two)",
        {},
    ),
    "twice less one": (
        "two = Constant<value_float=2.0>() o = Constant<value_float=1.0>() a = Mul(two, x) h = Sub(a, o)",
        {},
    ),
    "mean and std": ("a = Sub(x, mean) h = Div(a, std)", {"mean": MEAN, "std": STD}),
    "channels last": ("h = Transpose<perm=[0,3,1,2]>(x)", {}),
    "bytes": ("c = Cast<to=1>(x) m = Constant<value_float=255.0>() h = Div(c, m)", {}),
    "bytes, last": (
        "c = Cast<to=1>(x) m = Constant<value_float=255.0>() d = Div(c, m) e = Sub(d, mean) " + LAST,
        {"mean": MEAN.reshape(3)},
    ),
}


@pytest.mark.parametrize("name", HEADS)
def test_arithmetic_on_the_input_moves_into_the_normalisation(name):
    """Whatever the file computes of bytes, the model computes of what its new normalisation makes of them."""
    head, weights = HEADS[name]
    last, stored = "last" in name, "bytes" in name
    given = f"{'uint8' if stored else 'float'}[N,{'8,8,3' if last else '3,8,8'}] x"
    body = head + " p = Conv<pads=[1,1,1,1]>(h, k) f = Flatten(p) y = Gemm(f, w, b)"
    proto = model(body, given=given, k=(3, 3, 3, 3), **FC, **weights)
    taken = take_in(proto, Wish(data=(3, 8, 8))).proto
    assert kinds(taken) == ["Conv", "Flatten", "Gemm"]
    assert shape(taken.graph.input[0]) == ["N", 3, 8, 8]
    pixels = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8), np.uint8)
    plain = Normalisation((0.2, 0.3, 0.4), (0.5, 0.6, 0.7))
    fed = pixels if stored else plain.apply(pixels)
    (before,) = run(proto, x=fed.transpose(0, 2, 3, 1) if last else fed)
    (whole,) = run(put_back(taken), x=fed.transpose(0, 2, 3, 1) if last else fed)
    np.testing.assert_allclose(whole, before, rtol=1e-5, atol=1e-5)
    behind = normalisation_behind(taken, plain).apply(pixels)
    (found,) = run(taken, **{taken.graph.input[0].name: behind})
    np.testing.assert_allclose(found, before, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "head",
    [
        "h = Mul(x, picture)",
        "m = Constant<value_float=-1.0>() h = Mul(x, m)",
        "h = Relu(x)",
        "i = Cast<to=6>(x) h = Cast<to=1>(i)",
        "m = Constant<value_float=-1.0>() a = Constant<value_float=1.0>() p = Add(a, x) h = Div(m, p)",
        "a = Relu(x) h = Add(a, x)",
    ],
)
def test_what_no_normalisation_says_stays_in_the_graph(head):
    picture = np.arange(64, dtype=np.float32).reshape(1, 1, 8, 8)
    weights = {"picture": picture} if "picture" in head else {}
    proto = model(head + " f = Flatten(h) y = Gemm(f, w, b)", **FC, **weights)
    head = ends_of(take_in(proto).proto).head
    assert head is None or head.ops == ("Add",)


@pytest.mark.parametrize(("given", "first"), [("float[N,8,8,3] x", "Transpose"), ("float[N,64] x", "Flatten")])
def test_another_layout_gets_an_operator_in_front_and_exports_take_the_file_s_own(given, first):
    data = (3, 8, 8) if first == "Transpose" else (1, 8, 8)
    size = int(np.prod(data))
    proto = model("f = Flatten(x) y = Gemm(f, w, b)", given=given, w=(size, 4), b=(4,))
    taken = take_in(proto, Wish(data=data)).proto
    assert kinds(taken)[0] == first
    assert shape(taken.graph.input[0]) == ["N", *data]
    x = np.random.default_rng(0).standard_normal((2, 8, 8, 3) if first == "Transpose" else (2, 64)).astype(np.float32)
    np.testing.assert_array_equal(run(put_back(taken), x=x)[0], run(proto, x=x)[0])
