# SPDX-License-Identifier: Apache-2.0
"""The input quantizer covers what a model can be fed: all bytes, or the range of other data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.quant_finn.models import mlp

from drawplate.data import Normalisation
from drawplate.input_codes import InputCodes, input_codes
from drawplate.options import read_options
from drawplate_quant_finn.options import QuantizeOptions
from drawplate_quant_finn.quantizing.network import input_grid, input_notes, quantized

finite = st.floats(-1e6, 1e6, width=32).filter(lambda x: x == 0 or abs(x) > 1e-30)


@given(ends=st.tuples(finite, finite).map(sorted), bits=st.integers(2, 8))
def test_the_whole_range_has_codes_and_its_far_end_the_last_one(ends, bits):
    low, high = ends
    grid, scale = input_grid(bits, Normalisation((0.0,), (1.0,), 1.0, (low, high)))
    assert grid.signed == (low < 0)
    assert scale > 0
    codes = InputCodes(bits=grid.bits, signed=grid.signed, narrow=grid.narrow, scale=scale).of(
        np.asarray([low, high], np.float32)
    )
    assert np.abs(codes).max() == (grid.high if max(-low, high) > 1e-30 else 0)
    np.testing.assert_allclose(codes * scale, ends, atol=scale * 0.501)


def test_bytes_are_their_own_codes():
    grid, scale = input_grid(8, Normalisation((0.0,), (1.0,)))
    pixels = np.arange(256, dtype=np.uint8).reshape(1, -1)
    fed = Normalisation((0.0,), (1.0,)).apply(pixels)
    np.testing.assert_array_equal(
        InputCodes(bits=grid.bits, signed=grid.signed, narrow=grid.narrow, scale=scale).of(fed), pixels
    )


@pytest.mark.parametrize(
    ("normalisation", "items", "notes"),
    [
        (Normalisation((0.0,), (1.0,)), np.arange(32, dtype=np.uint8) * 8, ()),
        (Normalisation((0.0,), (1.0,)), np.arange(32) % 2 * np.uint8(255), ("inputs use 2 of 256 codes",)),
        (
            Normalisation((0.0,), (1.0,), 1.0, (-4.0, 2.0)),
            np.linspace(-4, 2, 32, dtype=np.float32),
            ("inputs from -4 to 2 become codes from -127 to 127", "inputs use 32 of 255 codes"),
        ),
    ],
)
def test_what_becomes_of_the_input_is_said(normalisation, items, notes):
    batch = np.asarray(items).reshape(2, 1, 4, 4)
    if not notes:
        batch = np.arange(256, dtype=np.uint8).reshape(16, 1, 4, 4)
    proto = quantized(mlp(), read_options(QuantizeOptions, {}, "test"), normalisation, batch)
    assert input_codes(proto).signed == (not normalisation.of_bytes)
    assert input_notes(proto, normalisation, batch) == notes
