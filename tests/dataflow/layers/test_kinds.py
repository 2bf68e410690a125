# SPDX-License-Identifier: Apache-2.0
"""What each kind of layer computes, against its definition, and what it refuses when it is read."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator

from drawplate.errors import ModelError
from drawplate_dataflow.layers import Concat, Depthwise, Pad, Sub, Upsample
from drawplate_dataflow.layers.levels import count_reached
from drawplate_dataflow.layers.windows import Windows
from drawplate_dataflow.network import BIPOLAR, golden, signed, unsigned
from drawplate_dataflow.reading import read

HEAD = '<ir_version: 9, opset_import: ["" : 13, "finn.custom_op.fpgadataflow" : 1]>'
SIZES = st.tuples(st.integers(1, 3), st.integers(1, 3))


def network(text, dims="1, 6, 5, 4", **arrays):
    body = text.replace("FINN.", "finn.custom_op.fpgadataflow.")
    proto = onnx.parser.parse_model(f"{HEAD} g (float[{dims}] x) => (float[1] y) {{ {body} }}")
    for name, array in arrays.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(np.asarray(array, np.float32), name))
    note = onnx.TensorAnnotation(tensor_name="x")
    note.quant_parameter_tensor_names.add(key="finn_datatype", value="INT3")
    proto.graph.quantization_annotation.append(note)
    return read(proto, {})


def flat(text, **arrays):
    """The same, of a 6 x 5 image of 4 channels, channels last."""
    return network(f"x0 = Transpose <perm = [0, 2, 3, 1]> (x) {text}", "1, 4, 6, 5", **arrays)


SLID = (
    "w = FINN.ConvolutionInputGenerator <ConvKernelDim = [3, 2], Stride = [1, 2], Dilation = [2, 1], depthwise = 1>(x0)"
)
DEEP = 'y = FINN.VVAU <PE = 2, noActivation = 1, weightDataType = "INT4", inputDataType = "INT3"> (w, k)'


def images(count=3):
    return np.random.default_rng(0).integers(-4, 4, (count, 4, 6, 5))


def test_depthwise_is_a_convolution_of_each_channel_alone():
    kernel = np.random.default_rng(1).integers(-7, 8, (4, 1, 3, 2))
    found = golden.run_all(flat(f"{SLID} {DEEP}", k=kernel), flat(f"{SLID} {DEEP}", k=kernel).frames(images()))["y"]
    session = ReferenceEvaluator(
        onnx.parser.parse_model(
            f"{HEAD} g (float[N, 4, 6, 5] x, float[4, 1, 3, 2] k) => (float[N, 4, 2, 2] y)"
            "{ y = Conv <group = 4, strides = [1, 2], dilations = [2, 1]> (x, k) }"
        )
    )
    (expected,) = session.run(None, {"x": images().astype(np.float32), "k": kernel.astype(np.float32)})
    assert (found == expected.transpose(0, 2, 3, 1)).all()


@settings(max_examples=40, deadline=None)
@given(SIZES, SIZES, SIZES)
def test_windows_reach_what_their_steps_say(kernel, stride, dilation):
    windows = Windows(kernel=kernel, stride=stride, dilation=dilation)
    image = np.arange(8 * 9 * 2).reshape(1, 8, 9, 2)
    found = windows.of(image)[0]
    for y, x, row, column in np.ndindex(*found.shape[:4]):
        at = (y * stride[0] + row * dilation[0], x * stride[1] + column * dilation[1])
        assert (found[y, x, row, column] == image[0, at[0], at[1]]).all()
    assert windows.rows(8) >= windows.reach[0]


def test_channels_side_by_side_are_repeated_and_taken_off():
    joined = flat("y = FINN.StreamingConcat <SIMD = 2, ChannelsPerStream = [4, 4]> (x0, x0)")
    assert isinstance(joined.layers[0], Concat)
    assert golden.run(joined, joined.frames(images())).shape[-1] == 8
    larger = flat("y = FINN.UpsampleNearestNeighbour <HI = 6, WI = 5, HO = 12, WO = 15, SIMD = 1> (x0)")
    assert isinstance(larger.layers[0], Upsample)
    assert (golden.run(larger, larger.frames(images()))[:, 1::2, 2::3] == images().transpose(0, 2, 3, 1)).all()
    none = flat("y = FINN.ElementwiseSub <PE = 1> (x0, x0)")
    assert isinstance(none.layers[0], Sub)
    assert not golden.run(none, none.frames(images())).any()


def test_a_border_may_hold_any_number():
    network = flat("y = FINN.FMPadding <Padding = [1, 0, 2, 0], Fill = -4, SIMD = 1> (x0)")
    assert isinstance(network.layers[0], Pad)
    found = golden.run(network, network.frames(images()))
    assert (found[:, 0] == -4).all()
    assert (found[:, 1:7] == images().transpose(0, 2, 3, 1)).all()


def test_a_line_of_pixels_is_an_image_of_one_column():
    text = (
        "l = Reshape (x, shape) i = Transpose <perm = [0, 2, 3, 1]> (l) w = FINN.ConvolutionInputGenerator "
        "<ConvKernelDim = [3, 1], Stride = [2, 1], Dilation = [1, 1], SIMD = 1> (i) "
        'y = FINN.MVAU <PE = 1, SIMD = 1, noActivation = 1, weightDataType = "INT3", inputDataType = "INT3"> (w, k)'
    )
    network_read = network(text, "1, 2, 9", shape=[1, 2, 9, 1], k=np.ones((6, 1)))
    line = np.random.default_rng(0).integers(-4, 4, (2, 2, 9))
    expected = [line[:, :, at : at + 3].sum(axis=(1, 2)) for at in (0, 2, 4, 6)]
    assert (golden.outputs(network_read, line) == np.stack(expected, axis=1)).all()


REFUSED = {
    "weights that do not fit": (f"{SLID} {DEEP}", {"k": np.ones((4, 1, 2, 2))}, "16 weights do not fit 4 channels"),
    "no window": (DEEP.replace("(w,", "(x0,"), {"k": np.ones((4, 1, 3, 2))}, "reads no depthwise window"),
    "a border that cannot be said": ("y = FINN.FMPadding <Padding = [1, 1, 1, 1], Fill = 9> (x0)", {}, "no 9 to pad"),
    "a sum that is shifted": (
        f'{SLID} y = FINN.Pool <Function = "QuantAvgPool", Size = 2> (w)', {}, "drops its lowest bits",
    ),
    "a constant": ("y = FINN.StreamingConcat (x0, k)", {"k": np.ones((1, 6, 5, 4))}, "constant, not a stream"),
    "a fraction": ("y = FINN.UpsampleNearestNeighbour <HO = 9, WO = 10> (x0)", {}, "no multiple of 6 x 5"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_the_node(name):
    text, arrays, message = REFUSED[name]
    with pytest.raises(ModelError, match=message) as caught:
        flat(text, **arrays)
    assert caught.value.where.startswith("node ")


def test_signs_add_up():
    """Codes of -1 and +1 stand for steps of two; so does what they add up to."""
    kind = Sub.type_of(BIPOLAR, BIPOLAR)
    assert (kind.low, kind.high, kind.step) == (-2, 4, 2)


@given(st.integers(1, 4), st.integers(1, 15), st.integers(0, 1000))
def test_counting_is_comparing(channels, steps, seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(-20, 20, (3, 2, channels))
    thresholds = np.sort(rng.integers(-25, 25, (channels, steps)), axis=1)
    assert (count_reached(values, thresholds) == (values[..., None] >= thresholds).sum(axis=-1)).all()
    alike = np.broadcast_to(thresholds[:1], thresholds.shape)
    assert (count_reached(values, alike) == (values[..., None] >= alike).sum(axis=-1)).all()


def test_a_depthwise_layer_folds_by_divisors_of_its_channels():
    layer = flat(f"{SLID} {DEEP}", k=np.ones((4, 1, 3, 2))).layers[0]
    assert isinstance(layer, Depthwise)
    assert [folding.pe for folding in layer.foldings((), None, 0)] == [1, 2, 4]
    with pytest.raises(ModelError, match=r"layer y: PE = 3 does not divide the 4 channels"):
        layer.folded(layer.folding.__class__(pe=3)).check(())
    assert (signed(3).code(-4), unsigned(3).code(8)) == (0, None)
