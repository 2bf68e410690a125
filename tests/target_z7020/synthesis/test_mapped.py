# SPDX-License-Identifier: Apache-2.0
"""The netlist that yosys maps a design to computes what the golden model says, cell by cell."""

import re
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from drawplate.store import Store
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.layers import Window
from drawplate_dataflow.network import INPUT, Network, Stream
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.specimens.fuzz import in_blocks, random_values
from drawplate_dataflow.specimens.mlp import LayerShape, random_matmul, random_mlp
from drawplate_target_z7020.synthesis.mapped import mapped, mismatches
from drawplate_target_z7020.synthesis.netlist import NETLIST
from drawplate_target_z7020.xc7 import XC7

pytestmark = [pytest.mark.yosys, pytest.mark.verilator]


def digits():
    """Weights and thresholds of the first layer in block RAM, 36, 18 and 9 bits wide."""
    folds = ((32, 1, 8), (32, 1, 4), (10, 1, 2))
    bits = (3, 3, None)
    shapes = [
        LayerShape(mh=mh, pe=pe, simd=simd, weight_bits=3, output_bits=out)
        for (mh, pe, simd), out in zip(folds, bits, strict=True)
    ]
    return random_mlp(64, unsigned(4), shapes, 1)


def image():
    """A window whose rows are written to block RAM, and a matrix."""
    start = Stream(shape=(12, 40, 3), type=unsigned(8))
    wide = Stream(shape=(10, 38, 27), type=unsigned(8))
    window = Window(name="window", inputs=(INPUT,), output=wide, kernel=(3, 3), stride=(1, 1), simd=1)
    shape = LayerShape(mh=2, pe=1, simd=9, weight_bits=2, output_bits=2)
    matrix = random_matmul(np.random.default_rng(1), "matrix", "window", wide, shape)
    return Network(name="image", input=start, layers=(window, matrix))


def through(network, folder: Path):
    return mapped(generate(network, XC7), Store(folder).derived)


def test_a_netlist_is_right_and_a_wrong_one_is_found_out(tmp_path):
    network = random_mlp(8, unsigned(2), [LayerShape(mh=4, pe=1, simd=4, weight_bits=2, output_bits=None)], 1)
    design, frames = through(network, tmp_path), random_values(network, 12, 1)
    assert mismatches(design, frames) == 0
    text = design.files[NETLIST].decode()
    init = re.search(r"LUT6_2 #\(\s*\.INIT\(64'h([0-9a-f]+)\)", text)
    broken = text.replace(init[1], f"{int(init[1], 16) ^ (1 << 64) - 1:016x}", 1)
    assert mismatches(evolve(design, files={**design.files, NETLIST: broken.encode()}), frames) > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "cell"), [(digits, "RAMB18E1"), (lambda: in_blocks(digits(), 3), "DSP48E1"), (image, "RAMB18E1")]
)
def test_netlists_with_block_ram_and_multipliers_are_right(network, cell, tmp_path):
    made = network()
    design = through(made, tmp_path)
    assert cell in design.files[NETLIST].decode()
    assert mismatches(design, random_values(made, 8, 1)) == 0
