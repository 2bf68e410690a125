# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawplate_dataflow.hardware.encode import pack, unsigned_thresholds, weight_code
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.layers.matmul.encode import offsets_of
from drawplate_dataflow.network import BIPOLAR, INPUT, IntType, Stream, signed, unsigned
from drawplate_dataflow.network.types import spanning, sum_range


@pytest.mark.parametrize(
    ("kind", "weights", "bits"),
    [
        (BIPOLAR, [-1, 1], 1),
        (signed(3), [-3, 3], 3),
        (signed(3), [-4, 0], 4),  # -2**(n-1) needs a magnitude bit more
        (signed(8), [-128], 9),
        (signed(2), [-2, 1], 3),
        (unsigned(2), [0, 3], 3),
    ],
)
def test_bits_of_a_stored_weight(kind, weights, bits):
    code = weight_code(np.array(weights), kind)
    assert code.bits == bits
    assert code.encode(np.array(weights)).max() < 1 << bits


types = st.one_of(
    st.just(BIPOLAR),
    st.integers(1, 5).map(unsigned),
    st.integers(2, 5).map(signed),
    st.tuples(st.integers(1, 5), st.integers(-40, 40)).map(lambda pair: IntType(*pair)),
)


@given(types, st.sampled_from([BIPOLAR, signed(2), signed(4), unsigned(3)]), st.integers(0, 2**32 - 1))
def test_stored_sums_and_offsets_give_the_true_sums(x_type, w_type, seed):
    rng = np.random.default_rng(seed)
    mw, mh = int(rng.integers(1, 12)), int(rng.integers(1, 6))
    weights = w_type.decode(rng.integers(0, 1 << w_type.bits, (mw, mh)))
    low, high = sum_range(weights, x_type)
    layer = MatMul(
        name="m",
        inputs=(INPUT,),
        output=Stream(shape=(1, 1, mh), type=spanning(int(low.min()), int(high.max()))),
        weights=weights,
        weight_type=w_type,
        pe=mh,
        simd=mw,
    )
    codes = rng.integers(0, 1 << x_type.bits, (30, mw))
    top = (1 << x_type.bits) - 1
    stored = np.where(weights[None] < 0, top - codes[:, :, None], codes[:, :, None]) * np.abs(weights)[None]
    offset = offsets_of(layer.weights, x_type)
    assert np.array_equal(x_type.step * stored.sum(1) + offset, x_type.decode(codes) @ weights)
    levels = rng.integers(low.min() - 4, high.max() + 5, (mh, 5))
    largest = int(np.abs(weights).sum(0).max()) * top
    bits = (largest + 1).bit_length()
    moved = unsigned_thresholds(levels, offset, x_type.step, bits)
    true = x_type.decode(codes) @ weights
    assert np.array_equal(stored.sum(1)[:, :, None] >= moved[None], true[:, :, None] >= levels[None])


@given(st.integers(1, 9), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_pack_puts_the_first_element_lowest(bits, lanes, seed):
    codes = np.random.default_rng(seed).integers(0, 1 << bits, (3, lanes))
    expected = [sum(int(code) << (bits * lane) for lane, code in enumerate(row)) for row in codes]
    assert pack(codes, bits) == expected
