# SPDX-License-Identifier: Apache-2.0
"""The program that makes one flat netlist of a whole design for placement, in a process of its own.

Usage: ``python -m drawplate_target_z7020.place.netlist TOP split|whole FILE.v ...`` in a folder with the files; writes
``netlist.json``.  ``split`` makes a LUT6 and a LUT5 of every LUT6_2, for tools that do not know it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from drawplate_dataflow.yosys import execute

SPLIT = "lut6_2.v"


def commands(top: str, sources: Sequence[str], *, split: bool) -> list[str]:
    """Return the yosys commands.

    Modules are mapped apart, equal ones once, and joined afterwards: names of cells then begin with their layer's.
    """
    return [
        *(f"read_verilog -defer {name}" for name in sources),
        f"hierarchy -top {top}",
        *([f"techmap -map {SPLIT}"] if split else []),
        f"synth_xilinx -family xc7 -noiopad -nodsp -top {top}",
        "setattr -mod -unset keep_hierarchy *",
        f"flatten -noscopeinfo {top}",
        f"clean -purge {top}",
        f"select {top}",
        "write_json -selected netlist.json",
    ]


def main(top: str, pairs: str, *sources: str) -> None:
    """Synthesise."""
    split = pairs == "split"
    if split:
        Path(SPLIT).write_bytes((resources.files(__package__) / SPLIT).read_bytes())
    execute(commands(top, sources, split=split))


if __name__ == "__main__":
    main(*sys.argv[1:])
