# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from attrs import evolve

from drawplate.errors import ModelError
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import INPUT, Network, Stream, golden, spanning, unsigned
from drawplate_dataflow.specimens.fuzz import random_chain, random_image, random_values


def slow_matmul(layer, x):
    """The definition, one sum at a time."""
    out = np.zeros((*layer.output.shape[:2], layer.mh), int)
    vectors = x.reshape(*layer.output.shape[:2], layer.mw)
    for at in np.ndindex(*layer.output.shape[:2]):
        for h in range(layer.mh):
            total = sum(int(layer.weights[i, h]) * int(vectors[at][i]) for i in range(layer.mw))
            if layer.thresholds is None:
                out[at][h] = total
            else:
                count = sum(total >= int(level) for level in layer.thresholds[h])
                out[at][h] = layer.output.type.low + layer.output.type.step * count
    return out


@pytest.mark.parametrize("seed", range(6))
def test_chain_equals_the_definition(seed):
    network = random_chain(seed, 3)
    frames = random_values(network, 3, seed)
    values = golden.run_all(network, frames)
    for layer in network.layers:
        if isinstance(layer, MatMul):
            for n in range(3):
                expected = slow_matmul(layer, values[layer.inputs[0]][n])
                assert np.array_equal(values[layer.name][n], expected)


def test_window_is_row_major_with_channels_innermost():
    network = random_image(5)
    window = next(layer for layer in network.layers if layer.name == "window")
    values = golden.run_all(network, random_values(network, 1, 0))
    source, out = values[window.inputs[0]][0], values["window"][0]
    (kh, kw), (sh, sw) = window.kernel, window.stride
    for y in range(window.output.shape[0]):
        for x in range(window.output.shape[1]):
            expected = source[y * sh : y * sh + kh, x * sw : x * sw + kw].reshape(-1)
            assert np.array_equal(out[y, x], expected)


def test_large_sums_stay_exact():
    weights = np.full((2, 1), (1 << 40) + 1)
    total = spanning(0, 2 * ((1 << 40) + 1) * ((1 << 14) - 1))
    layer = MatMul(
        name="wide",
        inputs=(INPUT,),
        output=Stream(shape=(1, 1, 1), type=total),
        weights=weights,
        weight_type=unsigned(41),
        pe=1,
        simd=1,
    )
    network = Network(name="n", input=Stream(shape=(1, 1, 2), type=unsigned(14)), layers=(layer,))
    top = (1 << 14) - 1
    assert golden.run(network, np.array([[top, top - 1]])).item() == ((1 << 40) + 1) * (2 * top - 1)


def test_a_value_that_does_not_fit_its_stream_is_refused_by_layer():
    network = random_chain(1, 2)
    narrow = evolve(network.layers[-1], output=Stream(shape=network.output.shape, type=unsigned(1)))
    with pytest.raises(ModelError, match=narrow.name):
        golden.run(evolve(network, layers=(*network.layers[:-1], narrow)), random_values(network, 50, 0))
