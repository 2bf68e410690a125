# SPDX-License-Identifier: Apache-2.0
"""Counting never fails: what is unknown is left out, and named."""

import numpy as np
import onnx
import pytest
from tests.core.door.texts import model

from drawplate.count import count_macs, infer_shapes, macs_of
from drawplate.door import take_in


def test_what_is_not_known_is_left_out_and_named():
    """A value of unknown rank is no scalar."""
    body = "h = NonZero(x) s = Squeeze(h) u = Cast<to=1>(s) m = MatMul(u, v) f = Flatten(x) y = Gemm(f, w, b)"
    proto = model(body, w=(192, 4), b=(4,), v=(3, 3))
    found = macs_of(proto)
    assert found.count == 192 * 4
    assert found.left_out == ("m",)
    assert "s" not in infer_shapes(proto)


def test_the_folded_graph_is_counted():
    """Shuffled channels by a view, as TorchScript's exporter writes it with a free batch."""
    body = (
        "n = Shape(x) i = Constant<value_int=0>() k = Gather(n, i) a = Constant<value_ints=[0]>() u = Unsqueeze(k, a) "
    )
    body += "r = Constant<value_ints=[2,2,8,8]>() t = Concat<axis=0>(u, r) v = Reshape(x, t) "
    body += "p = Transpose<perm=[0,2,1,3,4]>(v) q = Constant<value_ints=[4,8,8]>() z = Concat<axis=0>(u, q) "
    body += "g = Reshape(p, z) c = Conv(g, w) d = GlobalAveragePool(c) y = Flatten(d)"
    proto = model(body, given="float[N,4,8,8] x", w=(4, 4, 3, 3))
    assert count_macs(take_in(proto).proto) == 6 * 6 * 4 * 4 * 9


@pytest.mark.parametrize(
    ("body", "weights", "macs"),
    [
        ("f = Flatten(x) y = Gemm(f, w, b)", {"w": (192, 4), "b": (4,)}, 768),
        ("r = Reshape(x, s) y = Gemm<transB=1>(r, w, b)", {"s": np.array([-1, 8]), "w": (4, 8), "b": (4,)}, 24 * 32),
        ("y = MatMul(x, w)", {"w": (8, 4)}, 3 * 8 * 8 * 4),
        ("y = ConvTranspose(x, w)", {"w": (3, 4, 2, 2)}, 3 * 8 * 8 * 4 * 4),
    ],
)
def test_layers_with_weights_are_counted(body, weights, macs):
    proto = model(body, out="float y", **weights)
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    assert macs_of(proto) == macs_of(onnx.ModelProto.FromString(proto.SerializeToString()))
    assert macs_of(proto).count == macs
