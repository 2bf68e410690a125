# SPDX-License-Identifier: Apache-2.0
"""nextpnr for the 7 series: real netlists by yosys, and a stand-in that answers as the real programs do."""

import stat
import sys
from pathlib import Path

import onnx
import pytest

from drawplate.errors import StepFailed, ToolMissing
from drawplate.store import Store
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.specimens.fuzz import random_chain
from drawplate_target_z7020.board import board_files
from drawplate_target_z7020.parts import find_part
from drawplate_target_z7020.place.nextpnr import call, place_whole
from drawplate_target_z7020.place.tools import DATABASE, PROGRAM, find_nextpnr, look
from drawplate_target_z7020.xc7 import XC7

STAND_IN = Path(__file__).with_name("stand_in.py").read_text()
PART = find_part("pynq-z2")


@pytest.fixture
def install(tmp_path, monkeypatch):
    def make(name="nextpnr-himbaechel", text=STAND_IN):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / name
        program.write_text(f"#!{sys.executable}\n{text}")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "xc7z020.bin").write_bytes(b"chip")
        monkeypatch.setenv(PROGRAM, str(program))
        monkeypatch.setenv(DATABASE, str(tmp_path))

    return make


@pytest.fixture(scope="module")
def files():
    design = generate(random_chain(3, 1), XC7)
    every = {**design.files, **board_files(design, onnx.ModelProto(), PART)}
    return {name: content for name, content in every.items() if name not in design.simulated}


@pytest.mark.yosys
@pytest.mark.parametrize(
    ("name", "fmax"), [("nextpnr-himbaechel", 117.5), pytest.param("nextpnr-xilinx", 112.25, marks=pytest.mark.slow)]
)
def test_positions_and_clock_are_read_once(name, fmax, files, install, tmp_path):
    install(name)
    store = Store(tmp_path / "store")
    found = place_whole(files, PART, 100, find_nextpnr("xc7z020"), store.derived)
    assert found.fmax_mhz == fmax
    assert set(found.layers) == {"layer0", "wrapper"}
    assert found.layers["layer0"].lut > 0
    assert found.layers["wrapper"].ff > 100
    assert 0 < found.slices <= found.resources.lut
    assert found.tiles["layer0"]
    assert (found.slowest is None) == (name == "nextpnr-xilinx")
    if found.slowest:
        assert (found.slowest.start_unit, found.slowest.ns, found.slowest.wire_ns) == ("layer0", 8.5, 6.0)
    install(name, "raise SystemExit(1)")
    assert place_whole(files, PART, 100, find_nextpnr("xc7z020"), store.derived) == found


def test_a_design_that_does_not_fit_says_so(install, tmp_path):
    install(text='print("ERROR: Unable to place cell, no BELs remaining"); raise SystemExit(255)')
    with pytest.raises(StepFailed, match="nextpnr-himbaechel failed: ERROR: Unable to place cell") as raised:
        call([find_nextpnr("xc7z020").program], tmp_path, "nextpnr-himbaechel")
    assert "takes more LUTs than yosys counts" in raised.value.hint


def test_what_is_missing_is_named(install, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(PROGRAM, raising=False)
    monkeypatch.delenv(DATABASE, raising=False)
    with pytest.raises(ToolMissing, match="nextpnr-himbaechel and a database of xc7z020 not found"):
        find_nextpnr("xc7z020")
    assert not look().found
    install()
    assert look().found
    with pytest.raises(ToolMissing, match="a database of xc7z010 not found") as raised:
        find_nextpnr("xc7z010")
    assert "a folder with xc7z010.bin" in raised.value.hint
