# SPDX-License-Identifier: Apache-2.0
"""The convolutional topology CNV on CIFAR-10 shapes, 20 images of random pixels."""

import pytest
from simulators import needs_simulator

from drawplate_dataflow.hardware import generate
from drawplate_dataflow.simulate import SimulationSettings, run
from drawplate_dataflow.specimens.cnv import folded_for, random_cnv
from drawplate_dataflow.specimens.fuzz import random_values
from drawplate_dataflow.technology import GENERIC


@pytest.mark.slow
@pytest.mark.verilator
@needs_simulator
@pytest.mark.parametrize("bits", [1, 2])
def test_cnv(bits):
    network = folded_for(random_cnv((16, 32, 64), 128, bits), 16384)
    design = generate(network, GENERIC)
    result = run(design, random_values(network, 20, 0), SimulationSettings())
    assert result.exact, result.first_differing_layer
    assert result.cycles_per_frame == design.cycles <= 16384
