# SPDX-License-Identifier: Apache-2.0
"""Unrolled layers and requantisers, in the fast model and gate by gate."""

import numpy as np
import pytest
from attrs import evolve

from drawplate.errors import ToolMissing
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import unsigned
from drawplate_dataflow.network.types import sum_range
from drawplate_dataflow.simulate import SimulationSettings, run
from drawplate_dataflow.simulate.verilate import compiler, verilator
from drawplate_dataflow.specimens.fuzz import random_values
from drawplate_dataflow.specimens.mlp import LayerShape, activation_type, random_mlp


def _tools():
    try:
        verilator(), compiler()
    except ToolMissing:
        return False
    return True


pytestmark = [pytest.mark.verilator, pytest.mark.skipif(not _tools(), reason="needs Verilator and a C++ compiler")]
MODELS = [SimulationSettings(optimise=False), SimulationSettings(optimise=False, gates=True)]


def unrolled(w, a):
    shape = LayerShape(mh=9, pe=9, simd=14, weight_bits=w, output_bits=a)
    return random_mlp(14, activation_type(a), [shape, evolve(shape, mh=4, pe=4, simd=9, output_bits=None)])


def requantised():
    """Layers with the evenly spaced thresholds of a quantized ReLU."""
    shape = LayerShape(mh=12, pe=3, simd=8, weight_bits=4, output_bits=8)
    network = random_mlp(32, unsigned(8), [shape, evolve(shape, pe=4, output_bits=6), evolve(shape, output_bits=None)])
    rng, layers, x = np.random.default_rng(0), [], network.input
    for layer in network.layers:
        assert isinstance(layer, MatMul)
        if layer.thresholds is not None:
            low, high = sum_range(layer.weights, x.type)
            count = layer.thresholds.shape[1]
            step = (high - low) / count * rng.uniform(0.3, 0.8, layer.mh)
            levels = (low + high)[:, None] / 2 + step[:, None] * (np.arange(count) - count / 2 + 0.5)
            layers.append(evolve(layer, thresholds=np.ceil(levels).astype(np.int64)))
        else:
            layers.append(layer)
        x = layer.output
    low, high = sum_range(layers[-1].weights, layers[-2].output.type)
    return evolve(network, layers=tuple(layers))


@pytest.mark.parametrize(("w", "a"), [(1, 1), (3, 2)])
@pytest.mark.parametrize("settings", MODELS)
def test_unrolled_layers_take_a_vector_per_clock(w, a, settings):
    network = unrolled(w, a)
    design = generate(network)
    assert all(layer.unrolled for layer in design.layers)
    assert not [rom for layer in design.layers for rom in layer.roms if rom.purpose == "weights"]
    result = run(design, random_values(network, 60, 1), settings)
    assert result.exact, result.first_differing_layer
    assert result.cycles_per_frame == 1


def test_a_weight_of_zero_costs_nothing():
    network = unrolled(3, 2)
    first = network.layers[0]
    assert isinstance(first, MatMul)
    sparse = evolve(first, weights=np.where(np.arange(first.mw)[:, None] % 2, 0, first.weights))
    dense, thin = generate(network), generate(evolve(network, layers=(sparse, *network.layers[1:])))
    assert thin.layers[0].luts < 0.6 * dense.layers[0].luts


@pytest.mark.parametrize("settings", MODELS)
def test_requantisers_are_exact(settings):
    network = requantised()
    design = generate(network)
    assert [layer.dsp for layer in design.layers] == [layer.units for layer in design.layers[:2]] + [0]
    result = run(design, random_values(network, 40, 2), settings)
    assert result.exact, result.first_differing_layer


def test_thresholds_off_the_line_stay_thresholds():
    network = requantised()
    first = network.layers[0]
    assert isinstance(first, MatMul)
    assert first.thresholds is not None
    levels = first.thresholds.copy()
    levels[3, 100] = levels[3, 101]
    design = generate(evolve(network, layers=(evolve(first, thresholds=levels), *network.layers[1:])))
    assert design.layers[0].dsp == 0
    assert {rom.purpose for rom in design.layers[0].roms} == {"weights", "thresholds"}
