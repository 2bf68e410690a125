# SPDX-License-Identifier: Apache-2.0
"""The program that finds the longest path through the logic of one module, in a process of its own.

Usage: ``python -m drawplate_target_z7020.synthesis.timing TOP FILE.v ... MODULE ...``, as :mod:`.yosys`;
writes ``sta.txt``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from drawplate_dataflow.yosys import execute
from drawplate_target_z7020.synthesis.yosys import commands, leave_out_contents

# yosys knows the arcs of LUT5 and LUT6, not of LUT6_2.  An input that does not change the output is tied off, since
# `sta` follows every arc.
PAIR: Final = """\
module LUT6_2 #(parameter [63:0] INIT = 0) (input I0, I1, I2, I3, I4, I5, output O6, O5);
  wire used3 = (INIT[7:0] == INIT[15:8] && INIT[23:16] == INIT[31:24]) ? 1'b0 : I3;
  wire used4 = (INIT[15:0] == INIT[31:16]) ? 1'b0 : I4;
  LUT6 #(.INIT(INIT)) six (.I0(I0), .I1(I1), .I2(I2), .I3(I3), .I4(I4), .I5(I5), .O(O6));
  LUT5 #(.INIT(INIT[31:0])) five (.I0(I0), .I1(I1), .I2(I2), .I3(used3), .I4(used4), .O(O5));
endmodule
"""


def timing_commands(top: str, arguments: Sequence[str]) -> list[str]:
    """Return the yosys commands: as for counting, then flat, with the delays of Xilinx' cells.

    The cells are read again into an empty design: what synthesis left of them, flip-flops above all, has no delays, and
    `sta` would then begin no path at a register.
    """
    return [
        *commands(top, arguments),
        "techmap -map pair.v",
        "setattr -mod -unset keep_hierarchy *",
        f"flatten -noscopeinfo {top}",
        f"clean -purge {top}",
        f"select {top}",
        "write_rtlil -selected flat.il",
        "design -reset",
        "read_rtlil flat.il",
        "read_verilog -lib -specify +/xilinx/cells_sim.v",
        "tee -q -o sta.txt sta",
    ]


def main(top: str, *arguments: str) -> None:
    """Synthesise and follow the paths."""
    leave_out_contents(Path.cwd())
    Path("pair.v").write_text(PAIR, encoding="utf-8")
    execute(timing_commands(top, arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
