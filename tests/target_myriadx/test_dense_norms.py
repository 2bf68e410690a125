# SPDX-License-Identifier: Apache-2.0
import numpy as np
import onnx
import pytest

from drawplate.ort.session import open_session
from drawplate_target_myriadx.prepare.dense_norms import fold_dense_norms

MODEL = """
<ir_version: 8, opset_import: ["" : 13]>
dense (float[N,3] x) => (float[N,2] y)
<float[{shape}] w = {{0.5, -1.0, 2.0, 0.25, -0.75, 1.5}}, float[2] b = {{0.1, -0.2}},
 float[2] s = {{1.5, 0.5}}, float[2] t = {{0.3, -0.4}}, float[2] m = {{0.2, 0.1}}, float[2] v = {{0.9, 2.0}}>
{{
    z = Gemm<{attributes}>({inputs})
    y = BatchNormalization<epsilon = 0.001>(z, s, t, m, v)
}}
"""


def run(proto):
    images = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    return open_session(proto, threads=1, exact=True).run(None, {"x": images})[0]


@pytest.mark.parametrize(
    ("shape", "attributes", "inputs"),
    [
        ("2,3", "transB = 1", "x, w, b"),
        ("3,2", "transB = 0", "x, w"),
        ("2,3", "transB = 1, alpha = 0.5, beta = 2.0", "x, w, b"),
    ],
    ids=["rows", "no bias", "factors"],
)
def test_the_layer_gives_what_both_gave(shape, attributes, inputs):
    proto = onnx.parser.parse_model(MODEL.format(shape=shape, attributes=attributes, inputs=inputs))
    before = run(proto)
    assert fold_dense_norms(proto) == ("1 BatchNormalization folded into fully connected layers",)
    assert [node.op_type for node in proto.graph.node] == ["Gemm"]
    np.testing.assert_allclose(run(proto), before, rtol=1e-5, atol=1e-6)


def test_a_value_that_others_read_stays():
    text = MODEL.format(shape="2,3", attributes="transB = 1", inputs="x, w, b")
    proto = onnx.parser.parse_model(text.replace("(float[N,2] y)", "(float[N,2] y, float[N,2] z)"))
    assert fold_dense_norms(proto) == ()
    assert len(proto.graph.node) == 2
