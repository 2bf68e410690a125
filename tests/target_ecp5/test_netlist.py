# SPDX-License-Identifier: Apache-2.0
"""The netlist that yosys makes of a small convolutional network computes what the golden model says."""

import re
import sys

import numpy as np
import pytest
from attrs import evolve

from drawplate.processes import run
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import MatMul, Pad, Pool, PoolFunction, Window
from drawplate_dataflow.network import INPUT, Network, Stream
from drawplate_dataflow.network.types import signed, spanning, sum_range, unsigned
from drawplate_dataflow.simulate.program import SimulationSettings
from drawplate_dataflow.simulate.simulation import run as simulate
from drawplate_dataflow.yosys import yosys_file
from drawplate_target_ecp5.synthesis.yosys import TEXT
from drawplate_target_ecp5.technology import ECP5

CELLS = ("LUT4", "L6MUX21", "PFUMX", "TRELLIS_DPR16X4", "TRELLIS_FF")
"""Cells whose models are yosys' own; memory blocks have none there, so the network is small enough to do without."""


def models():
    text = yosys_file("lattice", "common_sim.vh").read_text()
    parts = [re.search(rf"module {name} *\(.*?endmodule", text, re.DOTALL)[0] for name in CELLS]
    return "\n".join(re.sub(r"specify.*?endspecify", "", part, flags=re.DOTALL) for part in parts)


def matrix(name, source, x, outputs, final, rng):
    weights = rng.integers(-3, 4, (x.channels, outputs))
    low, high = (ends.min() if at == 0 else ends.max() for at, ends in enumerate(sum_range(weights, x.type)))
    levels = None if final else np.sort(rng.integers(low // 2, high // 2, (outputs, 3)), axis=1)
    kind = spanning(int(low), int(high)) if final else unsigned(2)
    out = Stream(shape=(*x.shape[:2], outputs), type=kind)
    return MatMul(
        name=name, inputs=(source,), output=out, weights=weights, weight_type=signed(3), thresholds=levels, pe=1, simd=1
    )


def network():
    rng, image = np.random.default_rng(0), Stream(shape=(4, 4, 1), type=unsigned(2))
    padded = Pad(
        name="pad", inputs=(INPUT,), output=evolve(image, shape=(6, 6, 1)), top=1, left=1, bottom=1, right=1, simd=1
    )
    windows = evolve(image, shape=(4, 4, 9))
    slide = Window(name="window", inputs=("pad",), output=windows, kernel=(3, 3), stride=(1, 1), simd=1)
    conv = matrix("conv", "window", windows, 3, False, rng)
    pooled = evolve(conv.output, shape=(2, 2, 3))
    pool = Pool(
        name="pool", inputs=("conv",), output=pooled, function=PoolFunction.MAX, kernel=(2, 2), stride=(2, 2), pe=1
    )
    flat = Stream(shape=(1, 1, 12), type=pooled.type)
    last = matrix("last", "pool", flat, 3, True, rng)
    return Network(name="tiny", input=image, layers=(padded, slide, conv, pool, last))


@pytest.mark.slow
@pytest.mark.verilator
@pytest.mark.yosys
def test_the_netlist_of_a_convolutional_network_is_right(tmp_path):
    design = generate(network(), ECP5)
    for name, content in design.files.items():
        (tmp_path / name).write_bytes(content)
    sources = list(design.sources)
    command = [sys.executable, "-m", "drawplate_target_ecp5.synthesis.yosys", "text", design.top, *sources]
    done = run(command, seconds=600, where="test", folder=tmp_path)
    assert done.returncode == 0, done.stdout[-2000:]
    netlist = (tmp_path / TEXT).read_text()
    assert "DP16KD" not in netlist
    assert "TRELLIS_FF" in netlist
    kept = {name: design.files[name] for name in design.simulated}
    files = {TEXT: netlist.encode(), "cells.v": models().encode(), **kept}
    cells = evolve(design, files=files)
    frames = np.random.default_rng(1).integers(0, 4, (12, 16))
    settings = SimulationSettings(optimise=False, gates=True, valid=80, ready=80)
    assert simulate(cells, frames, settings).exact
