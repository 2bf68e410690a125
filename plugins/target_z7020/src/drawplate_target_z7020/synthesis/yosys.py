# SPDX-License-Identifier: Apache-2.0
"""The program that synthesises one module, in a process of its own: a crash of yosys ends only that.

Usage: ``python -m drawplate_target_z7020.synthesis.yosys TOP FILE.v ... MODULE ... NAME=VALUE ...`` in a folder with
the files, with the modules that consist of cells of the part already and parameters of the top; writes ``stat.json``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from drawplate_dataflow.yosys import execute, yosys_file

DEFINITIONS: Final = "brams_defs.vh"
FUNCTIONS: Final = ("slice_init", "slice_initp")
"""Of a memory block's contents, word by word."""
CONTENTS: Final = re.compile(rf"(function \[255:0\] ({'|'.join(FUNCTIONS)}));.*?(endfunction)", re.DOTALL)

LOGIC: Final = "t:$_* t:$lut %u %m"
"""Modules with cells that are to be mapped."""
WIRE_PS: Final = 300
"""Of a wire, as ``synth_xilinx`` has it."""


def commands(top: str, arguments: Sequence[str]) -> list[str]:
    """Return the yosys commands.

    Reading is deferred, since ROMs name their contents by a parameter.  ``-nodsp``: yosys makes small products larger
    by looking for DSPs; where a design wants one it instantiates it.  The hierarchy is kept, so that equal processing
    elements are synthesised once and counted as often as they occur.  ROMs in LUTs are written as LUTs, with nothing
    to be mapped: looking at them takes most of the time, and finds what depends on their contents only.  Of Xilinx'
    cells those are read that layers are made of; the other 328 (``cells_xtra.v``, which ``synth_xilinx`` begins with)
    are looked at for every module that is mapped, which takes half of the time.

    Args:
        top: module to be synthesised.
        arguments: files, whose names end in ``.v``, modules that need no mapping, and parameters ``NAME=VALUE``.
    """
    sources = [name for name in arguments if name.endswith(".v")]
    given = [name.partition("=") for name in arguments if "=" in name]
    mapped = [name for name in arguments if not name.endswith(".v") and "=" not in name]
    chosen = "" if given else f"-top {top} "
    synthesise = f"synth_xilinx -family xc7 -noiopad -noclkbuf -nodsp {chosen}-run"
    check = f"hierarchy -check {chosen or '-auto-top'}".rstrip()
    set_up = f"hierarchy -top {top} {' '.join(f'-chparam {name} {value}' for name, _, value in given)}"
    return [
        *(f"read_verilog -defer {name}" for name in sources),
        *([set_up] if given else []),
        "read_verilog -lib -specify +/xilinx/cells_sim.v",
        check,
        f"{synthesise} prepare:map_luts",
        *(f"setattr -mod -set blackbox 1 {name}" for name in mapped),
        *map_luts(mapped),
        *(f"setattr -mod -unset blackbox ={name}" for name in mapped),
        f"tee -q -o stat.json stat -json -tech xilinx{'' if given else f' -top {top}'}",
    ]


def map_luts(mapped: Sequence[str]) -> list[str]:
    """Return the commands that map logic to LUTs: those of ``synth_xilinx`` from its label ``map_luts`` on.

    For every module that ABC9 maps, yosys normalises the connections of all that are there, and back.  Only modules
    with logic are there for it; the others, made of cells of the part, wait in a copy of the design.

    Args:
        mapped: modules that need no mapping, set aside already.
    """
    return [
        "opt_expr -mux_undef -noclkinv",
        "design -save whole",
        f"select -set logic {LOGIC}",
        "blackbox * @logic %d",
        *(f"blackbox ={name}" for name in mapped),
        f"abc9 -W {WIRE_PS}",
        "design -stash logic",
        "design -load whole",
        "design -copy-from logic *",
        "clean",
        "xilinx_srl -fixed -minlen 3",
        "techmap -map +/xilinx/lut_map.v -map +/xilinx/cells_map.v -D LUT_WIDTH=6",
        "xilinx_dffopt",
        "opt_lut_ins -tech xilinx",
        "blackbox =A:whitebox",
        "clean",
    ]


def leave_out_contents(folder: Path) -> None:
    """Let memory blocks be mapped without their contents, which take a second per layer and change no count.

    yosys' map of memory blocks includes a file that is looked for in the folder first; there, two of its functions
    return nothing but zeros.  Where yosys is none that has them, all stays as it is.
    """
    installed = yosys_file("xilinx", DEFINITIONS)
    if installed is None:
        return
    text, count = CONTENTS.subn(r"\1; input integer idx; \2 = 0; \3", installed.read_text(encoding="utf-8"))
    if count == len(FUNCTIONS):
        (folder / DEFINITIONS).write_text(text, encoding="utf-8")


def main(top: str, *arguments: str) -> None:
    """Synthesise."""
    leave_out_contents(Path.cwd())
    execute(commands(top, arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
