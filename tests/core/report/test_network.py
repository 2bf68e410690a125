# SPDX-License-Identifier: Apache-2.0
"""The network on the page is the one in the file, and its values are counted right."""

import numpy as np
import onnx
import pytest
from onnx import parser

from drawplate.report.network.blocks import blocks_of
from drawplate.report.network.drawing import draw_network
from drawplate.report.network.histograms import histograms

TEXT = """
<ir_version: 8, opset_import: ["" : 13, "qonnx.custom_op.general" : 1]>
net (float[N, 2] x) => (float[N, 2] y)
<float[2, 2] w = {0.5, -0.5, 1.0, 0.0}, float s = {0.5}, float z = {0}, float b = {3}, float c = {2}>
{
  wq = qonnx.custom_op.general.Quant <signed: int = 1, narrow: int = 1, rounding_mode: string = "ROUND"> (w, s, z, b)
  [fc] h = MatMul (x, wq)
  r = Relu (h)
  a = qonnx.custom_op.general.Quant <signed: int = 0, narrow: int = 0, rounding_mode: string = "ROUND"> (r, s, z, c)
  [left] l = MatMul (a, wq)
  [right] k = MatMul (a, wq)
  [sum] y = Add (l, k)
}
"""


@pytest.fixture(scope="module")
def proto() -> onnx.ModelProto:
    return parser.parse_model(TEXT)


def test_a_block_is_a_layer_with_what_follows_it(proto):
    blocks = {block.name: block for block in blocks_of(proto)}
    assert list(blocks) == ["x", "fc", "left", "right", "sum"]
    assert blocks["fc"].follows == ["Relu"]
    assert (blocks["fc"].weight_bits, blocks["fc"].act_bits, blocks["fc"].facts) == ("3", "2", ["2 x 2"])
    assert blocks["sum"].takes == ["left", "right"]


def test_branches_stand_side_by_side_below_what_they_take(proto):
    drawn = draw_network(proto)
    places = {box.head: (box.left, box.top) for box in drawn.boxes}
    assert places["left"][1] == places["right"][1] > places["fc"][1]
    assert places["left"][0] != places["right"][0]
    assert len(drawn.ways) == 5


def test_codes_are_counted(proto):
    pytest.importorskip("drawplate_quant_finn")
    found = {(one.name, one.of): one for one in histograms(proto, np.array([[1, 0], [0, 3]], dtype=np.float32))}
    weights = found["fc", "weights"]
    assert (weights.low, weights.high, weights.heights) == (-1, 2, (1, 1, 1, 1))
    assert weights.said == "3 bits, 4 codes in use, 25% zeros"
    activations = found["r", "activations"]  # x @ w = [[.5, -.5], [3, 0]]: codes 1, 0, 3 (of 6), 0
    assert (activations.low, activations.high, activations.heights) == (0, 3, (1, 0.5, 0, 0.5))


def test_without_data_only_weights_are_counted(proto):
    pytest.importorskip("drawplate_quant_finn")
    assert {one.of for one in histograms(proto, None)} == {"weights"}
