# SPDX-License-Identifier: Apache-2.0
"""The program that maps a whole design to one flat netlist and writes it as Verilog, in a process of its own.

Usage: ``python -m drawplate_target_z7020.synthesis.netlist TOP FILE.v ...`` in a folder with the files; writes
``netlist.v``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from drawplate_dataflow.yosys import execute

NETLIST: Final = "netlist.v"


def commands(top: str, sources: Sequence[str]) -> list[str]:
    """Return the yosys commands."""
    return [
        *(f"read_verilog -defer {name}" for name in sources),
        f"hierarchy -top {top}",
        f"synth_xilinx -family xc7 -noiopad -noclkbuf -nodsp -top {top}",
        "setattr -mod -unset keep_hierarchy *",
        f"flatten -noscopeinfo {top}",
        f"clean -purge {top}",
        f"select {top}",
        f"write_verilog -noattr -selected {NETLIST}",
    ]


def main(top: str, *sources: str) -> None:
    """Synthesise."""
    execute(commands(top, sources))


if __name__ == "__main__":
    main(*sys.argv[1:])
