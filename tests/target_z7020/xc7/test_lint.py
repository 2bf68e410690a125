# SPDX-License-Identifier: Apache-2.0
"""All Verilog is plain Verilog-2005 and free of Verilator's warnings, but for a stated few."""

import subprocess

import onnx
import pytest

from drawplate.errors import ToolMissing
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.host import port_of
from drawplate_dataflow.network import unsigned
from drawplate_dataflow.simulate.verilate import verilator
from drawplate_dataflow.specimens.fuzz import in_blocks, random_chain, random_image
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.board import board_files
from drawplate_target_z7020.board.axis import library
from drawplate_target_z7020.parts import board_of, find_part
from drawplate_target_z7020.xc7 import XC7

WAIVED = (
    "DECLFILENAME",  # a processing element's tables are in its file
    "PINCONNECTEMPTY",  # the spare output of a LUT6_2
    "UNUSEDSIGNAL",  # the last stage of a pipeline carries what only its inner stages use
    "WIDTHEXPAND",  # counters are compared with 32-bit parameters
)


def _verilator():
    try:
        return verilator()
    except ToolMissing:
        return None


def unrolled():
    shape = LayerShape(mh=5, pe=5, simd=7, weight_bits=3, output_bits=2)
    return random_mlp(7, unsigned(2), [shape])


@pytest.mark.verilator
@pytest.mark.skipif(_verilator() is None, reason="needs Verilator")
@pytest.mark.parametrize(("fast", "packed"), [(False, True), (True, False)])
@pytest.mark.parametrize(
    "network",
    [
        random_chain(1, 4),
        random_chain(8, 5),
        random_image(7),
        random_image(4),
        unrolled(),
        in_blocks(random_chain(5, 4), 0),
    ],
)
def test_lint(network, fast, packed, tmp_path):
    design = generate(network, XC7)
    part = find_part("pynq-z2")
    port = port_of(board_of(part), 100.0, packed=packed)
    made = board_files(design, onnx.ModelProto(), part, port)
    board = {name: made[name] for name in ("drawplate_axis.v", *library(design, port.into))}
    for name, text in {**design.files, **board}.items():
        (tmp_path / name).write_bytes(text)
    command = [str(_verilator()), "--lint-only", "-Wall", "--default-language", "1364-2005"]
    command += ["--top-module", "drawplate_axis", *(f"-Wno-{name}" for name in WAIVED), *(["-DDRAWPLATE_FAST"] * fast)]
    command += [*dict.fromkeys([*design.sources, *board, *design.models])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "%Warning" not in done.stderr
