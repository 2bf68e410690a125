# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate.errors import ModelError
from drawplate_dataflow.network import BIPOLAR, TERNARY, IntType, parse_type, signed, spanning, unsigned


@given(st.integers(1, 8), st.integers(-300, 300), st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_codes_and_values_are_inverse(bits, low, step, seed):
    kind = IntType(bits, low, step)
    codes = np.random.default_rng(seed).integers(0, 1 << bits, 20)
    assert np.array_equal(kind.encode(kind.decode(codes)), codes)
    assert kind.decode(codes).min() >= kind.low
    assert kind.decode(codes).max() <= kind.high


@pytest.mark.parametrize(
    ("name", "expected"),
    [("UINT3", unsigned(3)), ("INT4", signed(4)), ("BIPOLAR", BIPOLAR), ("BINARY", unsigned(1)), ("TERNARY", TERNARY)],
)
def test_qonnx_names(name, expected):
    assert parse_type(name) == expected


@pytest.mark.parametrize("name", ["FLOAT32", "INT", "UINT0", "FIXED<8,4>"])
def test_other_types_are_refused_by_name(name):
    with pytest.raises(ModelError, match=r"is not an integer type"):
        parse_type(name)


@pytest.mark.parametrize("values", [[-5], [4], [0, 9]])
def test_values_outside_are_refused(values):
    with pytest.raises(ValueError, match="values outside"):
        signed(3).encode(np.array(values))


def test_bipolar_has_no_zero():
    assert BIPOLAR.code(0) is None
    assert signed(3).code(0) == 4
    assert BIPOLAR.code(1) == 1


@given(st.integers(-1000, 1000), st.integers(0, 3000))
def test_spanning_reaches_and_is_narrow(low, span):
    kind = spanning(low, low + span)
    assert kind.high >= low + span
    assert kind.bits == 1 or (1 << (kind.bits - 1)) <= span
