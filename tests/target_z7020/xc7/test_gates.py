# SPDX-License-Identifier: Apache-2.0
"""Designs of 7-series primitives in Verilator against the golden model: LUTs, carry chains, multiplexers, DSP48E1."""

import pytest
from attrs import evolve
from linear import requantised
from simulators import needs_simulator

from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.simulate import SimulationSettings, run
from drawplate_dataflow.specimens.fuzz import in_blocks, random_chain, random_values
from drawplate_dataflow.specimens.mlp import LayerShape, activation_type, random_mlp
from drawplate_target_z7020.xc7 import XC7

pytestmark = [pytest.mark.verilator, needs_simulator]
GATES = SimulationSettings(optimise=False, gates=True, valid=60, ready=70)


def check(network, settings=GATES):
    design = generate(network, XC7)
    assert "primitives_sim.v" in design.models
    result = run(design, random_values(network, 12, 0), settings)
    assert result.exact, f"{network.name}: {result.mismatches} frames differ, first in {result.first_differing_layer}"
    return design


def perceptron(w, a):
    hidden = LayerShape(mh=12, pe=3, simd=5, weight_bits=w, output_bits=a)
    long = LayerShape(mh=80, pe=1, simd=12, weight_bits=w, output_bits=a)
    last = LayerShape(mh=6, pe=2, simd=8, weight_bits=w, output_bits=None)
    return random_mlp(20, activation_type(a), [hidden, long, last])


def unrolled():
    shape = LayerShape(mh=9, pe=9, simd=14, weight_bits=3, output_bits=2)
    return random_mlp(14, unsigned(2), [shape, evolve(shape, mh=4, pe=4, simd=9, output_bits=None)])


@pytest.mark.parametrize(("w", "a"), [pytest.param(1, 1, marks=pytest.mark.slow), (3, 3)])
def test_luts_carry_chains_and_roms(w, a):
    check(perceptron(w, a))


@pytest.mark.slow
def test_weights_in_the_logic():
    assert check(unrolled(), evolve(GATES, valid=100, ready=100)).layers[0].facts.unrolled


@pytest.mark.slow
def test_blocks_that_requantise():
    design = check(requantised())
    units = [layer.facts.units for layer in design.layers[:2]]
    assert [layer.resources.multiplier for layer in design.layers] == [*units, 0]


def test_chains_of_blocks():
    design = check(in_blocks(random_chain(20, 3), 20))
    assert sum(layer.resources.multiplier for layer in design.layers) > 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(300, 316))
def test_sixteen_random_chains(seed):
    """Every other one in blocks."""
    check(in_blocks(random_chain(seed, 6), seed) if seed % 2 else random_chain(seed, 3))
