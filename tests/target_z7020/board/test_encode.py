# SPDX-License-Identifier: Apache-2.0
"""The driver on the board makes the same integers of data as the simulation does."""

from __future__ import annotations

import json

import numpy as np
import onnx
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from drawplate.data import Normalisation, record_normalisation
from drawplate.input_codes import MODES, InputCodes
from drawplate_dataflow.host import drawplate_stream
from drawplate_dataflow.pixels import encode_images, encoding_record

UNIT = Normalisation((0.0,), (1.0,))


@settings(deadline=None, max_examples=200)
@given(
    x=hnp.arrays(
        st.sampled_from(["uint8", "int16", "float32", "float64"]),
        st.sampled_from([(3, 4), (3, 1, 4), (2, 2, 3, 3)]),
        elements={"allow_nan": False, "allow_infinity": False, "min_value": 0, "max_value": 100},
    ),
    mean=st.floats(-3, 3),
    std=st.floats(0.1, 3),
    scale=st.floats(1e-3, 2),
    bits=st.integers(1, 8),
    signed=st.booleans(),
    rounding=st.sampled_from(MODES),
    zero_point=st.sampled_from([0.0, 3.0]),
    offset=st.sampled_from([0, 2]),
)
def test_the_driver_encodes_as_the_simulation_does(x, mean, std, scale, bits, signed, rounding, zero_point, offset):
    proto = onnx.ModelProto()
    record_normalisation(proto, Normalisation((mean,), (std,), 255.0 if x.dtype == np.uint8 else 1.0, (-1.0, 1.0)))
    codes = InputCodes(bits=bits, signed=signed, scale=scale, rounding=rounding, zero_point=zero_point, offset=offset)
    codes.record(proto)
    told = json.loads(json.dumps(encoding_record(proto)))
    np.testing.assert_array_equal(drawplate_stream.encode(x, told), encode_images(proto, x, UNIT))


def test_integers_without_a_record_are_sent_as_they_are():
    assert encoding_record(onnx.ModelProto()) is None
    x = np.arange(6, dtype=np.uint8).reshape(2, 3)
    np.testing.assert_array_equal(drawplate_stream.encode(x, None), x)
