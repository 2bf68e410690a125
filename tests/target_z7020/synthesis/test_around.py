# SPDX-License-Identifier: Apache-2.0
"""What the wrapper takes: counted by yosys, and by its price."""

import json
import sys

import pytest

from drawplate.processes import run
from drawplate.store import Store
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.host import around, port_of
from drawplate_dataflow.network import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.board.engine import TOP, engine_files
from drawplate_target_z7020.board.price import ENGINE, wrapper_of
from drawplate_target_z7020.parts import board_of, find_part
from drawplate_target_z7020.synthesis.around import synthesise_axis
from drawplate_target_z7020.synthesis.count import count
from drawplate_target_z7020.xc7 import XC7


@pytest.mark.yosys
@pytest.mark.parametrize(("bits", "packed", "simd"), [(64, False, 20), (128, True, 7)])
def test_the_wrapper_takes_what_it_is_priced_at(bits, packed, simd, tmp_path):
    shape = LayerShape(mh=10, pe=1, simd=simd, weight_bits=2, output_bits=None)
    network, part = random_mlp(140, unsigned(8), [shape], 1), find_part("arty-a7-35t")
    port = port_of(board_of(part), 100.0, bits, packed=packed)
    counted = synthesise_axis(generate(network, XC7), port.into, Store(tmp_path).derived)
    (priced,) = around(wrapper_of(part, port), network).values()
    assert counted.lut == pytest.approx(priced.lut, rel=0.3)
    assert counted.ff == pytest.approx(priced.ff, abs=2)
    assert counted.ram == priced.ram == 0


@pytest.mark.slow
@pytest.mark.yosys
@pytest.mark.parametrize("wide", [False, True])
def test_the_engine_takes_what_is_said(wide, tmp_path):
    files = {name: content for name, content in engine_files(wide=wide).items() if name != TOP}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    program = [sys.executable, "-m", "drawplate_target_z7020.synthesis.yosys", "drawplate_dma"]
    done = run([*program, *files, f"PORTS={1 + wide}"], seconds=600, where="a test", folder=tmp_path)
    assert not done.returncode, done.stderr
    found = count(json.loads((tmp_path / "stat.json").read_text()))
    assert found.lut == pytest.approx(ENGINE[wide].lut, rel=0.03)
    assert found.ff == pytest.approx(ENGINE[wide].ff, rel=0.01)
    assert found.ram == 0


def test_a_processing_system_brings_the_engine():
    port = port_of(board_of(find_part("pynq-z2")), 100.0)
    assert wrapper_of(find_part("pynq-z2"), port).engine == ENGINE[False]
    assert wrapper_of(find_part("arty-a7-35t"), port).engine.lut == 0
