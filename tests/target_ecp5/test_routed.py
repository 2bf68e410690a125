# SPDX-License-Identifier: Apache-2.0
"""What nextpnr placed and routed of a network computes what the golden model says, clock by clock."""

import json
import sys

import numpy as np
import pytest
from attrs import evolve
from routed import models, verilog

from drawplate.processes import run
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import Memory
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.simulate.program import SimulationSettings
from drawplate_dataflow.simulate.simulation import run as simulate
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_ecp5.route.nextpnr import nextpnr_version
from drawplate_target_ecp5.technology import ECP5

HEAD = """\
    input wire clk, rst, input wire [{0}:0] s_data, input wire s_valid, output wire s_ready,
    output wire [{1}:0] m_data, output wire m_valid, input wire m_ready"""


def network():
    """The digits perceptron with weights in LUTs: memory blocks have no model."""
    shapes = [
        LayerShape(mh=32, pe=2, simd=8, weight_bits=2, output_bits=2, memory=Memory.LUT),
        LayerShape(mh=32, pe=2, simd=8, weight_bits=2, output_bits=2, memory=Memory.LUT),
        LayerShape(mh=10, pe=1, simd=4, weight_bits=2, output_bits=None, memory=Memory.LUT),
    ]
    return random_mlp(64, unsigned(4), shapes, 1)


@pytest.mark.slow
@pytest.mark.verilator
@pytest.mark.yosys
@pytest.mark.skipif(not nextpnr_version(), reason="needs nextpnr for ECP5")
def test_the_routed_netlist_of_the_digits_network_is_right(tmp_path):
    design = generate(network(), ECP5)
    for name, content in design.files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "none.lpf").write_text("")
    program = "drawplate_target_ecp5"
    arguments = ["--25k", "--package", "CABGA381", "--speed", "6", "--json", "netlist.json", "--freq", "100", "--quiet"]
    arguments += ["--lpf", "none.lpf", "--lpf-allow-unconstrained", "--write", "routed.json", "--timing-allow-fail"]
    commands = (
        [f"{program}.synthesis.yosys", "whole", design.top, *design.sources],
        [f"{program}.route.nextpnr", "nextpnr", *arguments],
    )
    for command in commands:
        done = run([sys.executable, "-m", *command], seconds=1200, where="test", folder=tmp_path)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    head = HEAD.format(design.s_port.width - 1, design.m_port.width - 1)
    text = verilog(json.loads((tmp_path / "routed.json").read_text()), design.top, head)
    assert "TRELLIS_RAMW" in text
    assert 'MODE("CCU2")' in text
    frames = np.random.default_rng(1).integers(0, 16, (12, 64))
    settings = SimulationSettings(optimise=False, gates=True, valid=80, ready=80)

    def exact(netlist):
        files = {"routed.v": netlist.encode(), "cells.v": models().encode()}
        kept = {name: design.files[name] for name in design.simulated}
        return simulate(evolve(design, files={**files, **kept}), frames, settings).exact

    assert exact(text)
