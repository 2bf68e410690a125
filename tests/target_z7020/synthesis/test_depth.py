# SPDX-License-Identifier: Apache-2.0
"""The longest paths are a threshold in block RAM, a LUT and the carry chain of the comparison."""

import re
import sys

import pytest

from drawplate.processes import run
from drawplate.store import Store
from drawplate_dataflow.hardware import generate
from drawplate_dataflow.network.types import unsigned
from drawplate_dataflow.specimens.mlp import LayerShape, random_mlp
from drawplate_target_z7020.synthesis.depth import logic_depths
from drawplate_target_z7020.xc7 import XC7

pytestmark = pytest.mark.yosys

SUM = """
module top (input wire clk, input wire [{high}:0] a, b, output reg [{high}:0] q);
  reg [{high}:0] x, y;
  always @(posedge clk) begin x <= a; y <= b; q <= x + y; end
endmodule
"""


def test_paths_between_registers_are_followed(tmp_path):
    (tmp_path / "top.v").write_text(SUM.format(high=39))
    command = [sys.executable, "-m", "drawplate_target_z7020.synthesis.timing", "top", "top.v"]
    assert not run(command, seconds=600, where="sum", folder=tmp_path).returncode
    report = (tmp_path / "sta.txt").read_text()
    assert set(re.findall(r"\((FDRE|LUT2|CARRY4)\.", report)) == {"FDRE", "LUT2", "CARRY4"}
    arrival = re.search(r"Latest arrival time in 'top' is (\d+)", report)
    assert int(arrival[1]) > 303 + 127 + 9 * 114, "a register, a LUT, nine carries"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weights", "inputs", "outputs", "nanoseconds"), [(3, 3, 3, 3.6), (1, 1, 1, 3.6), (8, 8, 5, 4.0)]
)
def test_no_path_has_become_longer(weights, inputs, outputs, nanoseconds, tmp_path):
    shape = LayerShape(mh=256, pe=4, simd=16, weight_bits=weights, output_bits=outputs)
    found = logic_depths(generate(random_mlp(256, unsigned(inputs), [shape]), XC7), Store(tmp_path).derived)
    assert 1 < found["matmul0"] <= nanoseconds
