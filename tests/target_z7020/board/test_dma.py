# SPDX-License-Identifier: Apache-2.0
"""The DMA engine in Verilator: memory that stalls, the driver's packing, a design, and the golden model's outputs."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from simulators import needs_simulator

from drawplate_dataflow.hardware import Port
from drawplate_dataflow.network import golden
from drawplate_dataflow.simulate.program import SimulationSettings, compile_design, feed
from drawplate_dataflow.simulate.verilate import verilator
from drawplate_target_z7020.board.engine import engine_files

from .designs import kit, pack, unpack

MEMORY = Path(__file__).with_name("memory.v").read_text()


@pytest.mark.verilator
@needs_simulator
@pytest.mark.parametrize(
    ("seed", "frames", "stall", "ports", "packed"),
    [(1, 7, 0, 1, False), (6, 3, 6, 2, True), pytest.param(4, 40, 9, 1, False, marks=pytest.mark.slow)],
)
def test_frames_go_from_memory_through_the_design_and_back(seed, frames, stall, ports, packed, tmp_path):
    """Three transfers in a row, of lengths that no burst divides."""
    made = kit(seed, scaled=False, bits=64 * ports, packed=packed)
    told, out = made.stream["input"], made.stream["output"]
    values = np.resize(made.golden["inputs"], (3 * frames, *made.golden["inputs"].shape[1:]))
    words = pack(values, told)
    size_in, size_out = frames * told["bus_words"] * ports, frames * out["bus_words"]
    heads = {"IN_WORDS": size_in, "OUT_WORDS": size_out, "STALL": stall, "PORTS": ports}
    top = "".join(f"`define {name} {value}\n" for name, value in heads.items()) + MEMORY
    verilog = {name: text for name, text in made.files.items() if name.endswith(".v")}
    design = evolve(
        made.design,
        files={**made.design.files, **verilog, "adaptor.v": top.encode()},
        top="adaptor",
        s_port=Port(elements=2, bits=32, beats=size_in),
        m_port=Port(elements=2, bits=32, beats=size_out),
    )
    settings = SimulationSettings(optimise=False, valid=90, ready=80, folder=tmp_path)
    program = compile_design(design, tmp_path, settings)
    fed = feed(program, words.reshape(3, -1).view("<u4").astype(np.int64), 2 * size_out, settings)
    found = np.ascontiguousarray(fed.codes.astype("<u4")).view("<u8").reshape(3 * frames, -1)
    expected = golden.run(made.design.network, values).reshape(len(values), -1)
    assert np.array_equal(unpack(found, out), expected)


@pytest.mark.verilator
@needs_simulator
@pytest.mark.parametrize("bits", [64, 128])
def test_ports_and_widths_of_the_whole_logic_fit(bits, tmp_path):
    made = kit(bits=bits)
    verilog = {name: text for name, text in (made.design.files | made.files).items() if name.endswith(".v")}
    verilog["primitives.v"] = Path(__file__).with_name("primitives.v").read_bytes()
    for name, text in (made.design.files | verilog).items():
        (tmp_path / name).write_bytes(text)
    waived = ["DECLFILENAME", "UNDRIVEN", "UNUSEDSIGNAL", "UNUSEDPARAM", "PINCONNECTEMPTY", "WIDTHEXPAND"]
    command = [str(verilator()), "--lint-only", "-Wall", "--default-language", "1364-2005", "--top-module"]
    command += [
        "drawplate_zynq",
        *(["-DWIDE"] if bits == 128 else []),
        *(f"-Wno-{name}" for name in waived),
        *sorted(verilog),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    for name in engine_files():
        assert name not in done.stderr
