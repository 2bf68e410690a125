# SPDX-License-Identifier: Apache-2.0
"""Plain Verilog for any device: no primitives of a family, and any synthesiser maps it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import drawplate_dataflow
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_dataflow.technology import GENERIC

PRIMITIVES = re.compile(
    r"LUT6|CARRY4|RAMB\d|RAM\d+M|DSP48|MUXF\d|SRL\w*\d|FDRE|CCU2|PFUMX|L6MUX|DP16K|MULT18|TRELLIS", re.IGNORECASE
)
YOSYS = """
import sys
from pyosys import libyosys
design = libyosys.Design()
top, *sources = sys.argv[1:]
for line in (*(f"read_verilog -defer {name}" for name in sources), f"synth -flatten -top {top}", "check -assert",
             "tee -q -o stat.json stat -json"):
    libyosys.run_pass(line, design)
"""


def test_the_library_names_no_primitive_of_a_device():
    root = Path(drawplate_dataflow.__file__).parent
    found = [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in sorted(root.rglob("*"))
        if path.suffix in {".py", ".v", ".cpp"}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if PRIMITIVES.search(line)
    ]
    assert found == []


def test_the_search_for_primitives_finds_them():
    assert all(map(PRIMITIVES.search, ("LUT6_2 #(", "CARRY4 four", "RAMB18E1", "DSP48E1", "dp16kd", "MULT18X18D")))


@pytest.mark.yosys
def test_it_is_synthesised_to_plain_gates(tmp_path):
    """``synth`` of yosys knows no device at all: what is left are gates and flip-flops, nothing unknown."""
    pytest.importorskip("pyosys")
    first = LayerShape(mh=4, pe=2, simd=3, weight_bits=2, output_bits=2, dsp_pe=1)
    last = LayerShape(mh=3, pe=1, simd=2, weight_bits=2, output_bits=None)
    design = generate(random_mlp(6, unsigned(2), [first, last]), GENERIC)
    design.write(tmp_path)
    assert not any(PRIMITIVES.search(text.decode()) for text in design.files.values())
    command = [sys.executable, "-c", YOSYS, design.top, *design.sources]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    cells = json.loads((tmp_path / "stat.json").read_text())["design"]["num_cells_by_type"]
    assert cells
    elements = {name.removesuffix(".v") for name in design.files if name.endswith("_dot.v")}  # keep their hierarchy
    assert {kind for kind in cells if not kind.startswith("$_")} <= {"$scopeinfo", *elements}
