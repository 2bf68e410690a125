# SPDX-License-Identifier: Apache-2.0
"""What stands in for data where there are none."""

import numpy as np
import onnx
import pytest

from drawplate.data import Normalisation, record_normalisation, stand_in
from drawplate.errors import ModelError

HEAD = '<ir_version: 8, opset_import: ["": 13, "qonnx.custom_op.general": 1]>'
QUANT = """g (float[N,2,3] x) => (float[N,3,2] z)
<float s = {0.5}, float zero = {%s}, float bits = {%s}>
{ y = Transpose<perm = [0, 2, 1]>(x)  z = qonnx.custom_op.general.Quant<signed = %d, narrow = %d>(y, s, zero, bits) }"""
PLAIN = "g (float[N,3,4] x) => (float[N,3,4] z) { z = Relu(x) }"


def model(text):
    return onnx.parser.parse_model(HEAD + text)


@pytest.mark.parametrize(
    ("zero", "bits", "signed", "narrow", "low", "high"),
    [
        (0, 3, 1, 0, -2.0, 1.5),
        (0, 3, 1, 1, -1.5, 1.5),
        (0, 3, 0, 0, 0.0, 3.5),
        (0, 3, 0, 1, 0.0, 3.0),
        (2, 3, 0, 0, -1.0, 2.5),
        (0, 1, 1, 0, -0.5, 0.5),
    ],
)
def test_all_codes_of_the_quantizer_at_the_input(zero, bits, signed, narrow, low, high):
    drawn = stand_in(model(QUANT % (zero, bits, signed, narrow)), 64)
    values = np.unique(drawn.x)
    assert drawn.x.shape == (64, 2, 3)
    assert (values[0], values[-1]) == (low, high)
    step = 1.0 if bits == 1 else 0.5
    assert np.array_equal(values, np.arange(low, high + step, step, dtype=np.float32))
    assert f"all {len(values)} codes" in drawn.said
    assert (drawn.x[0] == low).all()
    assert (drawn.x[1] == high).all()


def test_all_pixels_where_the_model_says_how_they_are_normalised():
    proto = model(PLAIN)
    record_normalisation(proto, Normalisation((0.5, 0.4, 0.3), (0.25, 0.5, 1.0)))
    x = stand_in(proto, 200).x
    pixels = np.round((x * np.array([[[0.25], [0.5], [1.0]]]) + np.array([[[0.5], [0.4], [0.3]]])) * 255)
    assert len(np.unique(pixels)) == 256
    assert (x[:, 1].min(), x[:, 1].max()) == pytest.approx((-0.8, 1.2))


def test_the_range_of_the_data_where_the_model_says_it():
    proto = model(PLAIN)
    record_normalisation(proto, Normalisation((0.0,), (1.0,), scale=1.0, range=(-3.0, 5.0)))
    drawn = stand_in(proto, 20)
    assert (drawn.x.min(), drawn.x.max()) == (-3, 5)
    assert drawn.said == "20 random inputs from -3 to 5"


def test_an_input_of_which_nothing_is_known():
    drawn = stand_in(model(PLAIN))
    assert np.array_equal(drawn.x, stand_in(model(PLAIN)).x)
    assert drawn.said == "64 random inputs from -1 to 1"
    assert not np.array_equal(drawn.x, stand_in(model(PLAIN), seed=1).x)


def test_free_dimensions_are_named():
    with pytest.raises(ModelError, match="input 'x': has dimensions that are not known"):
        stand_in(model("g (float[N,C,4] x) => (float[N,C,4] z) { z = Relu(x) }"))
