# SPDX-License-Identifier: Apache-2.0
"""The program that runs yosys, in a process of its own: a crash of yosys ends only that.

Usage: ``python -m drawplate_target_ecp5.synthesis.yosys MODE TOP NAME ...`` in a folder with the files.  Names that end
in ``.v`` are Verilog, those that end in ``.il`` modules that are mapped already; modes are those of :data:`COMMANDS`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from drawplate_dataflow.yosys import execute

UNIT: Final = "unit.il"
STATISTICS: Final = "stat.json"
NETLIST: Final = "netlist.json"
TEXT: Final = "netlist.v"
_SYNTHESISE = "synth_lattice -family ecp5 -no-rw-check"
_DELAY = "scratchpad -set abc9.D 3000"
"""Picoseconds of logic that a path may have: a third of 10 ns, the rest is wire.  Without it ABC makes every path as
short as the shortest way allows, and copies control into wide LUTs in front of every register: six times the LUTs of a
width converter."""


def unit_commands(top: str, names: Sequence[str], blocks: str = "-nodsp") -> list[str]:
    """Return the commands that map one layer.

    Reading is deferred, since ROMs name their contents by a parameter.  ``-no-rw-check``: no memory of ours is read
    where it is written in that clock.  ``-nodsp``: yosys makes small products larger by looking for multiplier blocks.
    Modules marked ``keep_hierarchy`` (processing elements) are mapped once, however often they occur; then all becomes
    one module, so that names of cells begin with the layer's.
    """
    return [
        _DELAY,
        *(f"read_verilog -defer {name}" for name in names),
        f"{_SYNTHESISE} {blocks} -top {top}",
        *_flat(top),
        f"write_rtlil -selected {UNIT}",
    ]


def whole_commands(top: str, names: Sequence[str]) -> list[str]:
    """Return the commands that map what lies around layers that are mapped already, and join it all."""
    units = [name.removesuffix(".il") for name in names if name.endswith(".il")]
    return [
        _DELAY,
        *(f"read_verilog -defer {name}" for name in names if name.endswith(".v")),
        *(f"read_rtlil {name}.il" for name in units),
        *(f"setattr -mod -set blackbox 1 {name}" for name in units),
        f"{_SYNTHESISE} -nodsp -top {top}",
        *(f"setattr -mod -unset blackbox ={name}" for name in units),
        *_flat(top),
        f"write_json -selected {NETLIST}",
    ]


def module_commands(top: str, names: Sequence[str]) -> list[str]:
    """Return the commands that map one library module by itself; names with ``=`` are its parameters."""
    given = [name.partition("=") for name in names if "=" in name]
    return [
        _DELAY,
        *(f"read_verilog -defer {name}" for name in names if name.endswith(".v")),
        f"hierarchy -top {top} {' '.join(f'-chparam {name} {value}' for name, _, value in given)}",
        _SYNTHESISE,
        f"write_json {NETLIST}",
    ]


def text_commands(top: str, names: Sequence[str]) -> list[str]:
    """Return the commands that map a design without its wrapper and write it as Verilog, to be simulated."""
    return [*unit_commands(top, names)[:-1], f"write_verilog -noattr -selected {TEXT}"]


def _flat(top: str) -> list[str]:
    return [
        "setattr -mod -unset keep_hierarchy *",
        f"flatten -noscopeinfo {top}",
        f"clean -purge {top}",
        f"select {top}",
        f"tee -q -o {STATISTICS} stat -json",
    ]


COMMANDS: Final[Mapping[str, Callable[[str, Sequence[str]], list[str]]]] = {
    "unit": unit_commands,
    "multiplying": partial(unit_commands, blocks=""),
    "whole": whole_commands,
    "module": module_commands,
    "text": text_commands,
}
"""By mode; a unit that multiplies has its products in multiplier blocks."""


if __name__ == "__main__":
    mode, module, *files = sys.argv[1:]
    execute(COMMANDS[mode](module, files))
