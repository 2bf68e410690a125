# SPDX-License-Identifier: Apache-2.0
"""What is exported for each board: its part, its name in Vivado, its clock, or no block design."""

import re
from fnmatch import fnmatch

import pytest

from drawplate_target_z7020.parts import parts

from .designs import kit

ZYNQ = [name for name, part in parts().items() if part.has_processor]
PLAIN = [name for name, part in parts().items() if not part.has_processor]


@pytest.mark.parametrize("board", ZYNQ)
def test_a_script_is_for_its_board(board):
    made, part = kit(board=board), parts()[board]
    text = made.files["build.tcl"].decode()
    assert f"create_project drawplate [file join $here vivado] -part {part.part} " in text
    assert f"get_board_parts -quiet -latest_file_version {{{part.vivado_board}}}" in text
    for other in parts().values():
        if other.part != part.part:
            assert other.part not in text
    opened = made.files["build_open.sh"].decode()
    assert f"--part {part.part} " in opened
    assert "${CHIPDB:?" in opened
    for name in re.search(r"read_verilog (.*?);", opened)[1].split():
        assert name in made.files or name in made.design.files
    guide = made.files["BOARD.md"].decode()
    assert f"# From this folder to {board}, in ten steps" in guide
    assert "$" not in guide.replace("$PWD/selftest.py", "")
    for name in ("selftest.py", "golden.npz", "demo.ipynb", "drawplate.c", "drawplate_stream.h"):
        assert name in made.files


@pytest.mark.parametrize("board", PLAIN)
def test_without_a_processing_system_there_is_no_block_design(board):
    files = kit(board=board).files
    assert "drawplate_axis.v" in files
    assert not {"build.tcl", "drawplate_driver.py", "BOARD.md"} & set(files)


def test_every_file_is_told():
    from drawplate_target_z7020.board.about import ABOUT

    made = kit()
    everything = {*made.files, *made.design.files, "out_of_context.tcl", "folding.json", "model.onnx"}
    assert [name for name in everything if not any(fnmatch(name, told) for told in ABOUT)] == []
    assert {told for told in ABOUT if not any(fnmatch(name, told) for name in everything)} <= {"*.hex"}


@pytest.mark.parametrize("port", [64, 128])
@pytest.mark.parametrize("board", ZYNQ)
def test_the_guide_names_no_file_that_is_not_there(board, port):
    made = kit(board=board, bits=port)
    everything = {*made.files, *made.design.files, "out_of_context.tcl", "folding.json", "model.onnx"}
    made_later = {"drawplate.bit", "utilization.rpt", "timing.rpt"} | ({"drawplate.hwh"} if port == 64 else set())
    guide = made.files["BOARD.md"].decode()
    named = set(re.findall(r"`(?:\./)?([\w*]+\.\w+)`", guide))
    patterns = {name for name in named if "*" in name}
    exported = {"README.md", "flow.toml"}  # drawplate export writes them beside
    assert named - patterns <= everything | made_later | exported
    assert len(named) > 15
    copied = re.search(r"`scp (.*?) xilinx@pynq:`", guide)[1].split()
    assert ("*.hwh" in copied) == (port == 64), "the engine of our own has none"
    for name in copied:
        assert name in {"drawplate.bit", "*.hwh"} or any(fnmatch(file, name) for file in everything), name
    assert guide.count("$") == guide.count("$PWD/selftest.py") == 1
    assert ("sdbuild" in guide) == (not board.startswith("pynq"))
