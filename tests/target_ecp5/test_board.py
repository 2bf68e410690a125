# SPDX-License-Identifier: Apache-2.0
"""The wrapper and the host's driver against each other, without a board: the wrapper runs in Verilator."""

import json
import shutil
import sys

import numpy as np
import onnx
import pytest
from adaptor import SimulatedLine, compiled

from drawplate.errors import FlowError
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import golden
from drawplate_dataflow.specimens.fuzz import random_chain, random_values
from drawplate_target_ecp5.board import wrap
from drawplate_target_ecp5.board.constraints import lpf
from drawplate_target_ecp5.board.files import host_files
from drawplate_target_ecp5.board.pll import PHASE_DETECTOR, VCO, clock_text, dividers
from drawplate_target_ecp5.board.wrapper import buffer_bytes, make_link
from drawplate_target_ecp5.boards import boards, find_board, read_board
from drawplate_target_ecp5.technology import ECP5

CLOCKS = [(25, 100), (25, 62.5), (100, 125), (25, 110), (100, 80), (25, 33.333)]
EMPTY = onnx.helper.make_model(onnx.helper.make_graph([], "g", [], []))
"""A model that says nothing of its input: it takes integers."""
BAUD = 10_000_000
"""Ten clocks a bit: the design's part of a simulation is as long as its line's."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A network, its wrapper compiled, and the folder that goes to the host."""
    folder = tmp_path_factory.mktemp("desk")
    network = random_chain(6, 2)
    wrapped = wrap(generate(network, ECP5), find_board("ulx3s-85f"), 100.0, BAUD)
    host = folder / "host"
    host.mkdir()
    for name, content in host_files(wrapped, EMPTY).items():
        (host / name).write_bytes(content)
    program = compiled(wrapped, folder / "program")
    return network, wrapped, host, program


@pytest.fixture
def driver(desk, monkeypatch):
    """The driver as it is on the host, from its folder and with nothing of drawplate."""
    monkeypatch.syspath_prepend(str(desk[2]))
    for name in ("drawplate_ecp5", "drawplate_stream", "selftest"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import drawplate_ecp5

    return drawplate_ecp5


def line_of(desk):
    _, _, host, program = desk
    record = json.loads((host / "stream.json").read_text())
    return SimulatedLine(program, frame=(record["input"]["bus_words"], record["output"]["bus_words"]))


@pytest.mark.verilator
def test_the_driver_gets_what_the_golden_model_says(desk, driver):
    network, _, host, _ = desk
    values = random_values(network, 6, 1)
    line = line_of(desk)
    with driver.Accelerator(line) as net:
        found = net.run(values)
        again = net.run(values[:2])
        line.write(b"half")
        net.reset()
        after = net.run(values[3:4])
    expected = golden.run(network, values).reshape(len(values), -1)
    assert np.array_equal(found, expected)
    assert np.array_equal(again, expected[:2])
    assert np.array_equal(after, expected[3:4]), "a break resets the design in the middle of a frame"
    assert json.loads((host / "stream.json").read_text())["link"]["baud"] == BAUD


@pytest.mark.verilator
def test_the_self_test_passes_and_finds_what_is_wrong(desk, driver, capsys):
    import selftest

    assert selftest.main(line_of(desk)) == 0
    assert "64 frames equal the golden model" in capsys.readouterr().out
    path = desk[2] / "golden.npz"
    kept = path.read_bytes()
    golden = dict(np.load(path))
    golden["outputs"][5] += 1
    np.savez(path, **golden)
    assert selftest.main(line_of(desk)) == 1
    path.write_bytes(kept)
    assert "the first is frame 5" in capsys.readouterr().out


@pytest.mark.verilator
def test_a_board_with_another_design_is_refused(desk, driver, tmp_path):
    host = tmp_path / "other"
    shutil.copytree(desk[2], host)
    record = json.loads((host / "stream.json").read_text())
    record["link"]["name"] = "00" * 8
    (host / "stream.json").write_text(json.dumps(record))
    with pytest.raises(driver.WrongDesign, match="the board answers"):
        driver.Accelerator(line_of(desk), host / "stream.json")


def test_floats_and_wrong_shapes_are_refused_before_they_are_sent(desk, driver):
    line = line_of(desk)
    net = driver.Accelerator.__new__(driver.Accelerator)
    net.stream = json.loads((desk[2] / "stream.json").read_text())
    net.link, net.line = net.stream["link"], line
    elements = net.stream["input"]["elements"]
    with pytest.raises(TypeError, match="integers"):
        net.run(np.zeros((2, elements), np.float32))
    with pytest.raises(ValueError, match="batch"):
        net.run(np.zeros(elements, np.int64))
    with pytest.raises(ValueError, match="codes"):
        net.run(np.full((2, elements), 1000))
    assert not line.sent


@pytest.mark.parametrize(("oscillator", "clock"), CLOCKS)
def test_dividers_are_within_the_datasheet(oscillator, clock):
    found = dividers(oscillator, clock)
    assert found.mhz == pytest.approx(oscillator * found.feedback / found.reference)
    assert found.mhz == pytest.approx(clock, rel=0.005)
    assert VCO[0] <= found.mhz * found.post <= VCO[1]
    assert PHASE_DETECTOR[0] <= oscillator / found.reference <= PHASE_DETECTOR[1]


def test_a_clock_that_no_pll_makes_is_refused():
    with pytest.raises(FlowError, match="no PLL setting"):
        dividers(25, 2)
    assert "EHXPLLL" not in clock_text(100, 100)


def test_a_rate_that_the_clock_does_not_make_is_refused():
    with pytest.raises(FlowError, match="makes no 30,000,000 baud"):
        make_link(100, 30_000_000, bytes(8))
    assert make_link(100, 3_000_000, bytes(8)).divide == 33


def test_the_buffer_holds_a_frame():
    design = generate(random_chain(2, 3), ECP5)
    size = buffer_bytes(design.s_port)
    assert size >= 2048
    assert size & (size - 1) == 0


def test_every_board_has_its_three_pins_its_clock_and_its_sources():
    for board in boards().values():
        text = lpf(board)
        assert text.count("LOCATE COMP") == 3
        assert f"{board.oscillator_mhz:g} MHZ" in text
        assert board.source
        assert board.part.source
        assert len({board.oscillator, board.rx, board.tx}) == 3


def test_a_board_is_a_row():
    """A new board takes one row of boards.csv: the pins, the clock and the part it has."""
    row = {
        "name": "mine", "part": "LFE5U-45F", "package": "CABGA256", "speed": "7", "oscillator_mhz": "12",
        "oscillator": "P6", "rx": "R1", "tx": "T1", "io_type": "LVCMOS33", "baud": "115200",
        "loader": "openFPGALoader -c ft232", "source": "its schematic",
    }  # fmt: skip
    board = read_board(row)
    assert board.device == "LFE5U-45F-7 CABGA256"
    design = generate(random_chain(3, 2), ECP5)
    wrapped = wrap(design, board, 48.0, None)
    assert 'SITE "P6"' in host_files(wrapped, EMPTY)["board.lpf"].decode()
    assert wrapped.link.divide == 417


def test_a_board_that_is_not_known_is_refused_with_the_nearest():
    with pytest.raises(FlowError, match="there is no board 'ulx3s'"):
        find_board("ulx3s")
