# SPDX-License-Identifier: Apache-2.0
import numpy as np
import onnx
import pytest
from onnx import numpy_helper, parser

from drawplate.errors import ModelError
from drawplate_dataflow.layers import MatMul, Pool
from drawplate_dataflow.network import BIPOLAR, IntType, golden, unsigned
from drawplate_dataflow.reading import read

MLP = """
<ir_version: 9, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
mlp (float[1,6] input) => (float[1,2] logits) {
  hidden = finn.custom_op.fpgadataflow.MVAU <PE=2, SIMD=3, MW=6, MH=4, ActVal=-2, noActivation=0,
    inputDataType="UINT2", weightDataType="INT3", outputDataType="INT2", numInputVectors=[1]> (input, w0, t0)
  sums = finn.custom_op.fpgadataflow.MVAU_hls <PE=1, SIMD=2, MW=4, MH=2, noActivation=1,
    inputDataType="INT2", weightDataType="BIPOLAR", outputDataType="INT4", numInputVectors=[1]> (hidden, w1)
  logits = Mul (sums, scale)
}
"""


def model(text, **arrays):
    proto = parser.parse_model(text)
    for node in proto.graph.node:
        node.name = node.output[0]
    for name, array in arrays.items():
        proto.graph.initializer.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
    return proto


def mlp(**changes):
    rng = np.random.default_rng(0)
    arrays = {
        "w0": rng.integers(-3, 4, (6, 4)),
        "t0": np.sort(rng.integers(-8, 9, (4, 3)), axis=1),
        "w1": rng.choice([-1, 1], (4, 2)),
        "scale": 0.25,
    }
    return model(MLP, **(arrays | changes))


def test_a_graph_becomes_layers():
    network = read(mlp())
    hidden, sums = network.layers
    assert isinstance(hidden, MatMul)
    assert (hidden.pe, hidden.simd, hidden.mw, hidden.mh) == (2, 3, 6, 4)
    assert network.input.type == unsigned(2)
    assert hidden.output.type == IntType(2, -2)
    assert sums.weight_type == BIPOLAR
    assert sums.thresholds is None
    assert network.scale is not None
    assert network.scale.scale == pytest.approx(0.25)


def test_values_are_finns():
    proto = mlp()
    weights = {item.name: numpy_helper.to_array(item) for item in proto.graph.initializer}
    x = np.random.default_rng(1).integers(0, 4, (20, 6))
    reached = (x @ weights["w0"])[:, :, None] >= weights["t0"][None]
    expected = (reached.sum(-1) - 2) @ weights["w1"]
    assert np.array_equal(golden.run(read(proto), x).reshape(20, 2), expected)


def test_agreement_counting_is_turned_into_sums():
    text = """
    <ir_version: 9, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
    xnor (float[1,5] input) => (float[1,3] out) {
      out = finn.custom_op.fpgadataflow.MVAU <PE=1, SIMD=5, MW=5, MH=3, binaryXnorMode=1, noActivation=0, ActVal=0,
        inputDataType="BIPOLAR", weightDataType="BINARY", outputDataType="BIPOLAR"> (input, w, t)
    }"""
    rng = np.random.default_rng(2)
    bits, counts = rng.integers(0, 2, (5, 3)), rng.integers(0, 6, (3, 1))
    x = rng.choice([-1, 1], (30, 5))
    agreements = ((x[:, :, None] > 0) == (bits[None] > 0)).sum(1)
    expected = 2 * (agreements >= counts[:, 0]) - 1
    assert np.array_equal(golden.run(read(model(text, w=bits, t=counts)), x).reshape(30, 3), expected)


def test_window_and_pool_become_one_layer_and_channels_go_last():
    text = """
    <ir_version: 9, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
    pool (float[1,2,4,4] input) => (float[1,2,2,2] out) {
      last = Transpose <perm=[0, 2, 3, 1]> (input)
      windows = finn.custom_op.fpgadataflow.ConvolutionInputGenerator <ConvKernelDim=[2, 2], Stride=[2, 2],
        Dilation=[1, 1], IFMChannels=2, SIMD=1, depthwise=1, inputDataType="UINT4"> (last)
      out = finn.custom_op.fpgadataflow.Pool <Function="MaxPool", KernelSize=[2, 2], Channels=2, PE=2> (windows)
    }"""
    proto = model(text)
    network = read(proto)
    assert [type(layer) for layer in network.layers] == [Pool]
    assert network.channels_first
    x = np.random.default_rng(3).integers(0, 16, (5, 2, 4, 4))
    expected = x.reshape(5, 2, 2, 2, 2, 2).max(axis=(3, 5)).transpose(0, 2, 3, 1)
    assert np.array_equal(golden.run(network, network.frames(x)), expected)


WINDOWS = """
<ir_version: 9, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>
windows (float[1,2,4,4] input) => (float out) {
  last = Transpose <perm=[0, 2, 3, 1]> (input)
  windows = finn.custom_op.fpgadataflow.ConvolutionInputGenerator <ConvKernelDim=[5, 2], Stride=[1, 1],
    Dilation=[1, 1], IFMChannels=2, SIMD=1, inputDataType="UINT4"> (last)
  out = finn.custom_op.fpgadataflow.FMPadding <Padding=[0, 1, 0, 0], inputDataType="UINT4"> (windows)
}"""


def test_a_window_that_does_not_fit_is_refused():
    with pytest.raises(ModelError, match=r"node windows .*5 x 2 pixels does not fit an image of 4 x 4"):
        read(model(WINDOWS))


def test_a_layer_that_nothing_reads_is_refused():
    text = WINDOWS.replace("[5, 2]", "[3, 2]").replace("(windows)", "(last)")
    with pytest.raises(ModelError, match=r"layer windows: no layer reads its output"):
        read(model(text))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w0": np.full((6, 4), 0.5)}, "holds fractions"),
        ({"w1": np.zeros((4, 2))}, "bipolar weights other than"),
        ({"w0": np.zeros((5, 4))}, "do not match a stream"),
    ],
)
def test_bad_constants_are_refused_with_the_node(change, message):
    with pytest.raises(ModelError, match=rf"node (hidden|sums) \(MVAU\).*{message}"):
        read(mlp(**change))


def test_an_unknown_operator_is_refused_with_the_nearest_one():
    text = MLP.replace("MVAU_hls", "MVAUU")
    with pytest.raises(ModelError, match="did you mean: MVAU"):
        read(model(text, w0=np.ones((6, 4)), t0=np.ones((4, 3)), w1=np.ones((4, 2)), scale=1.0))


def test_a_float_graph_is_refused():
    text = '<ir_version: 9, opset_import: ["" : 13]> g (float[1,2] input) => (float[1,2] y) { y = Relu (input) }'
    with pytest.raises(ModelError, match="data type of the input is not known"):
        read(onnx.parser.parse_model(text))
