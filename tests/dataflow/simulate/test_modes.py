# SPDX-License-Identifier: Apache-2.0
"""Unrolled layers and requantisers, in the fast model and gate by gate."""

import numpy as np
import pytest
from attrs import evolve
from families import WIDE
from linear import requantised
from simulators import needs_simulator

from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.simulate import SimulationSettings, run
from drawplate_dataflow.specimens.fuzz import random_values
from drawplate_dataflow.specimens.mlp import LayerShape, activation_type, random_mlp
from drawplate_dataflow.technology import GENERIC

pytestmark = [pytest.mark.verilator, needs_simulator]
MODELS = [SimulationSettings(optimise=False), SimulationSettings(optimise=False, gates=True)]


def unrolled(w, a):
    shape = LayerShape(mh=9, pe=9, simd=14, weight_bits=w, output_bits=a)
    return random_mlp(14, activation_type(a), [shape, evolve(shape, mh=4, pe=4, simd=9, output_bits=None)])


@pytest.mark.parametrize(("w", "a", "settings"), [(1, 1, MODELS[0]), (3, 2, MODELS[1])])
def test_unrolled_layers_take_a_vector_per_clock(w, a, settings):
    network = unrolled(w, a)
    design = generate(network, GENERIC)
    assert all(layer.facts.unrolled for layer in design.layers)
    assert not [rom for layer in design.layers for rom in layer.roms if rom.purpose == "weights"]
    result = run(design, random_values(network, 60, 1), settings)
    assert result.exact, result.first_differing_layer
    assert result.cycles_per_frame == 1


def test_a_weight_of_zero_costs_nothing():
    network = unrolled(3, 2)
    first = network.layers[0]
    assert isinstance(first, MatMul)
    sparse = evolve(first, weights=np.where(np.arange(first.mw)[:, None] % 2, 0, first.weights))
    dense, thin = generate(network, GENERIC), generate(evolve(network, layers=(sparse, *network.layers[1:])), GENERIC)
    assert thin.layers[0].resources.lut < 0.7 * dense.layers[0].resources.lut


@pytest.mark.parametrize("settings", MODELS)
def test_requantisers_are_exact(settings):
    network = requantised()
    design = generate(network, WIDE)
    assert [layer.resources.multiplier for layer in design.layers] == [
        layer.facts.units for layer in design.layers[:2]
    ] + [0]
    result = run(design, random_values(network, 40, 2), settings)
    assert result.exact, result.first_differing_layer


def test_thresholds_off_the_line_stay_thresholds():
    network = requantised()
    first = network.layers[0]
    assert isinstance(first, MatMul)
    assert first.thresholds is not None
    levels = first.thresholds.copy()
    levels[3, 100] = levels[3, 101]
    design = generate(evolve(network, layers=(evolve(first, thresholds=levels), *network.layers[1:])), WIDE)
    assert design.layers[0].resources.multiplier == 0
    assert {rom.purpose for rom in design.layers[0].roms} == {"weights", "thresholds"}
