# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from families import WIDE
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate_dataflow.hardware.requant import fit

BLOCK = WIDE.multiplier


def linear(rng, channels, count, bits):
    """Thresholds of a uniform quantizer with a step and an offset per channel, some beyond both ends."""
    top = (1 << bits) - 2
    step = rng.uniform(0.4, 1.2, channels) * top / count
    offset = rng.uniform(-0.2, 0.4, channels) * top
    exact = offset[:, None] + step[:, None] * (np.arange(count) + 0.5)
    return np.clip(np.ceil(exact), 0, top + 1).astype(np.int64)


def codes(found, sums, channel):
    scaled = (sums * found.factor[channel] + found.bias[channel]) >> found.shift
    return np.clip(scaled, 0, found.levels)


@settings(max_examples=60, deadline=None)
@given(st.integers(8, 17), st.sampled_from([15, 63, 127, 255]), st.integers(0, 2**32 - 1))
def test_a_fit_is_exact_for_every_sum(bits, count, seed):
    thresholds = linear(np.random.default_rng(seed), 5, count, bits)
    found = fit(thresholds, bits, BLOCK)
    if found is None:
        return
    sums = np.arange((1 << bits) - 1)
    for channel, levels in enumerate(thresholds):
        assert np.array_equal(codes(found, sums, channel), np.searchsorted(levels, sums, side="right"))


@pytest.mark.parametrize("bits", [12, 16, 17])
def test_uniform_quantizers_fit(bits):
    assert fit(linear(np.random.default_rng(bits), 16, 63, bits), bits, BLOCK) is not None


def test_one_moved_threshold_does_not_fit():
    thresholds = linear(np.random.default_rng(0), 4, 63, 14)
    thresholds[2, 30] += (thresholds[2, 31] - thresholds[2, 30]) // 2
    assert fit(thresholds, 14, BLOCK) is None


def test_wide_sums_do_not_fit_a_dsp():
    assert fit(linear(np.random.default_rng(0), 4, 63, 14), 25, BLOCK) is None
