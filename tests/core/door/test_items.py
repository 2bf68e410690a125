# SPDX-License-Identifier: Apache-2.0
"""Any number of items go through a model side by side, or it is said that they do not."""

import numpy as np
import pytest
from tests.core.door.texts import model, shape

from drawplate.door import refuse_mixing, take_in
from drawplate.errors import ModelError
from drawplate.ort.session import open_session

FC = {"w": (192, 4), "b": (4,)}
ONE = {"one": np.array([1, 192], np.int64)}


def test_a_size_that_only_one_item_has_fixes_the_batch():
    proto = model("f = Reshape(x, one) y = Gemm(f, w, b)", **FC, **ONE)
    entered = take_in(proto)
    assert entered.changes == ("batch fixed to 1: its layers hold the size of one item ('f')",)
    assert [shape(value) for value in (*entered.proto.graph.input, *entered.proto.graph.output)] == [
        [1, 3, 8, 8],
        [1, 4],
    ]
    x = np.random.default_rng(0).standard_normal((1, 3, 8, 8)).astype(np.float32)
    old, new = (open_session(m, threads=1, exact=True).run(None, {"x": x})[0] for m in (proto, entered.proto))
    np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("f = Flatten(x) l = Gemm(f, w, b) y = Softmax<axis=0>(l)", "layer 'y' (Softmax)"),
        ("m = ReduceMean<axes=[0]>(x) d = Sub(x, m) f = Flatten(d) y = Gemm(f, w, b)", "layer 'd' (Sub)"),
        ("n = RandomNormalLike(x) a = Add(x, n) f = Flatten(a) y = Gemm(f, w, b)", "layer 'n' (RandomNormalLike)"),
    ],
)
def test_an_answer_that_depends_on_other_items_is_refused_by_layer(body, where):
    with pytest.raises(ModelError, match="another answer beside other items") as raised:
        refuse_mixing(take_in(model(body, **FC)).proto)
    assert raised.value.where == where


def test_rows_that_are_no_items_are_refused():
    half = {"half": np.array([-1, 96], np.int64), "w": (96, 4), "b": (4,)}
    with pytest.raises(ModelError, match="gives 4 rows for 2 items"):
        refuse_mixing(take_in(model("f = Reshape(x, half) y = Gemm(f, w, b)", **half)).proto)


@pytest.mark.parametrize("body", ["f = Flatten(x) y = Gemm(f, w, b)", "r = Relu(x) f = Flatten(r) y = Gemm(f, w, b)"])
def test_what_keeps_items_apart_passes(body):
    refuse_mixing(take_in(model(body, **FC)).proto)
