# SPDX-License-Identifier: Apache-2.0
"""Long simulations are compiled for speed, short ones quickly; both are the same simulation."""

import subprocess

import numpy as np
import pytest
from simulators import needs_simulator

from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import unsigned
from drawplate_dataflow.simulate import SimulationSettings, run
from drawplate_dataflow.simulate.verilate import pays, verilator, verilator_include
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_dataflow.technology import GENERIC


def perceptron(inputs, **shape):
    return generate(random_mlp(inputs, unsigned(3), [LayerShape(weight_bits=2, output_bits=2, **shape)]), GENERIC)


@pytest.fixture
def design():
    return generate(
        random_mlp(16, unsigned(3), [LayerShape(mh=8, pe=2, simd=4, weight_bits=2, output_bits=2)]), GENERIC
    )


def test_it_pays_for_long_simulations_and_large_designs(design):
    large = generate(
        random_mlp(64, unsigned(3), [LayerShape(mh=64, pe=64, simd=64, weight_bits=4, output_bits=2)]), GENERIC
    )
    border = 1e11 / sum(layer.resources.lut for layer in design.layers)
    assert not pays(design, 0.99 * border)
    assert pays(design, 1.01 * border)
    assert pays(large, 0.99 * border)


@pytest.mark.verilator
@needs_simulator
def test_both_are_the_same_simulation(design):
    images = np.random.default_rng(0).integers(0, 8, (20, 16))
    quick, fast = (run(design, images, SimulationSettings(optimise=optimise)) for optimise in (False, True))
    assert quick.exact
    assert (quick.values == fast.values).all()
    assert (quick.clocks, quick.latency) == (fast.clocks, fast.latency)


@pytest.mark.verilator
@needs_simulator
def test_verilators_headers_are_found_without_asking_it():
    told = subprocess.run([verilator(), "--getenv", "VERILATOR_ROOT"], capture_output=True, text=True, check=True)
    assert verilator_include().resolve().as_posix().startswith(told.stdout.strip())
    assert (verilator_include() / "verilated.h").is_file()
