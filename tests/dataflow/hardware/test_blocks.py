# SPDX-License-Identifier: Apache-2.0
"""Weights that share a multiplier block: in plain integers, lanes hold every sum and never reach into each other."""

import numpy as np
import pytest
from attrs import evolve
from families import FIVE, WIDE
from hypothesis import given, settings
from hypothesis import strategies as st

from drawplate.errors import ModelError
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.hardware.dot import DotSpec
from drawplate_dataflow.hardware.encode import WeightCode
from drawplate_dataflow.layers.matmul.blocks import Share, packings, stored_words, sum_bits
from drawplate_dataflow.network.types import signed, unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_dataflow.technology import GENERIC


def spec(magnitude, x_bits, simd, bits, technology=WIDE):
    return DotSpec(WeightCode(magnitude), x_bits, simd, bits, technology)


def multiplied(fields, x, packing, block):
    """What leaves a chain for every word, as the Verilog and the block compute it: signed port times element, summed.

    Args:
        fields: [words, simd, weights] stored.
        x: [words, simd].
        packing: of the weights.
        block: that multiplies.
    """
    half, lane = 1 << (packing.weight_bits - 1), packing.lane_bits
    port = np.zeros(x.shape, object)
    for at in range(packing.weights):
        top = at == packing.weights - 1
        extended = (fields[..., at].astype(object) ^ half) - half
        port = port + ((extended << lane * at) if top else ((extended & ((1 << lane) - 1)) << lane * at))
    assert np.all(port < 1 << (block.wide - 1))
    assert np.all(port >= -(1 << (block.wide - 1)))
    return port, (port * x).sum(axis=1)


def lanes(total, packing, block):
    assert total >= 0
    assert total < 1 << block.sum_bits
    return [(total >> packing.lane_bits * at) & ((1 << packing.lane_bits) - 1) for at in range(packing.weights)]


def drawn(rng, code, shape):
    """Weights with the extremes in the first and the last lane."""
    weights = rng.integers(-code.largest, code.largest + 1, shape)
    weights[:, :, 0], weights[:, :, -1] = code.largest, -code.largest
    return weights


families = st.sampled_from([WIDE, GENERIC])


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 7),
    st.integers(1, 8),
    st.integers(1, 24),
    st.integers(1, 12),
    st.sampled_from([WIDE, GENERIC]),
    st.integers(0, 2**32 - 1),
)
def test_every_lane_holds_its_own_sum(magnitude, x_bits, simd, words, family, seed):
    rng = np.random.default_rng(seed)
    code, top = WeightCode(magnitude), (1 << x_bits) - 1
    largest, block = words * simd * code.largest * top, family.multiplier
    for packing in packings(spec(magnitude, x_bits, simd, 1 + (largest + 1).bit_length(), family), block):
        weights = drawn(rng, code, (1, words, packing.weights, simd))
        share = Share(pes=packing.weights, packing=packing, bias=0, wait=0)
        fields = stored_words(weights, share)[0]
        for x in (rng.integers(0, top + 1, (words, simd)), np.full((words, simd), top)):
            port, sums = multiplied(fields, x, packing, block)
            packed = sum(weights[0, :, at].astype(object) << packing.lane_bits * at for at in range(packing.weights))
            assert np.array_equal(port, packed)
            bias = sum(packing.bias << packing.lane_bits * at for at in range(packing.weights))
            true = np.einsum("tpk,tk->tp", weights[0], x)
            if packing.adds_up:
                assert lanes(sum(sums) + bias, packing, block) == list(true.sum(axis=0) + packing.bias)
            else:
                for word, total in enumerate(sums):
                    assert lanes(total + bias, packing, block) == list(true[word] + packing.bias)


def test_a_lane_one_bit_narrower_would_lose_a_sum():
    """The check above can fail: what is proved is not true of any narrower lane."""
    code, simd, x, block = WeightCode(2), 4, np.full((1, 4), 255), WIDE.multiplier
    weights = np.full((1, 1, 2, simd), code.largest)
    packing = evolve(next(p for p in packings(spec(2, 8, simd, 14), block) if not p.adds_up), weights=2)
    narrow = evolve(packing, lane_bits=packing.lane_bits - 1)
    for found, right in ((packing, True), (narrow, False)):
        fields = stored_words(weights, Share(pes=2, packing=found, bias=0, wait=0))[0]
        _, sums = multiplied(fields, x, found, block)
        bias = sum(found.bias << found.lane_bits * at for at in range(2))
        assert (lanes(sums[0] + bias, found, block) == [4 * 3 * 255 + found.bias] * 2) is right


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_biased_sums_stay_below_the_code_that_means_never(weight_bits, x_bits, seed):
    rng = np.random.default_rng(seed)
    network = random_mlp(12, unsigned(x_bits), [LayerShape(mh=4, pe=2, simd=3, weight_bits=2, output_bits=None)])
    layer = evolve(network.layers[0], weights=signed(weight_bits).decode(rng.integers(0, 1 << weight_bits, (12, 4))))
    bits, top = sum_bits(layer, unsigned(x_bits)), (1 << x_bits) - 1
    below = np.minimum(layer.weights, 0).sum(axis=0).min() * top
    above = np.maximum(layer.weights, 0).sum(axis=0).max() * top
    assert (1 << (bits - 1)) + below >= 0
    assert (1 << (bits - 1)) + above < (1 << bits) - 1


@pytest.mark.parametrize(
    ("x", "simd", "dsp_pe", "said"),
    [(18, 3, 1, "at most 17 bits"), (4, 3, 3, "3 of 2 processing elements"), (4, 61, 1, "SIMD of at most 60")],
)
def test_what_blocks_cannot_do_is_refused_by_the_layers_name(x, simd, dsp_pe, said):
    shape = LayerShape(mh=4, pe=2, simd=simd, weight_bits=2, output_bits=None, dsp_pe=dsp_pe)
    with pytest.raises(ModelError) as error:
        generate(random_mlp(122, unsigned(x), [shape]), WIDE)
    assert said in f"{error.value} {error.value.allowed}"
    assert "matmul0" in error.value.where


def test_another_training_of_the_same_shape_is_the_same_hardware():
    """Biases are half the range of a sum, whatever the weights: one synthesis serves all trainings."""
    shape = LayerShape(mh=8, pe=4, simd=3, weight_bits=3, output_bits=2, dsp_pe=2)
    network = random_mlp(24, unsigned(8), [shape])
    (layer,) = network.layers
    again = evolve(network, layers=(evolve(layer, weights=layer.weights[::-1]),))
    first, second = generate(network, GENERIC), generate(again, GENERIC)
    assert first.shape_digest(first.layers[0]) == second.shape_digest(second.layers[0])


def test_a_family_without_multipliers_refuses_blocks_by_the_layers_name():
    shape = LayerShape(mh=4, pe=2, simd=3, weight_bits=2, output_bits=None, dsp_pe=1)
    network = random_mlp(24, unsigned(4), [shape])
    with pytest.raises(ModelError, match=r"layer matmul0: five multiplies in LUTs only"):
        generate(network, FIVE)
    assert not any(folding.dsp_pe for folding in network.layers[0].foldings((network.input,), FIVE, 99))
