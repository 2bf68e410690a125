# SPDX-License-Identifier: Apache-2.0
"""The table of synthesised library modules that constants are fitted to.

``python -m drawplate_target_ecp5.fitting.modules [MODULE ...]`` synthesises the rows of these modules anew (of all,
without a name); ``MODULE "BITS=7 PE=8 ..." ...`` adds rows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from attrs import evolve

from drawplate.errors import StepFailed
from drawplate.processes import run, scratch
from drawplate_dataflow.cost.fitting import ModuleRow, read_rows, write_rows
from drawplate_dataflow.hardware.library import FITTED, LibraryModule
from drawplate_dataflow.resources import Resources
from drawplate_target_ecp5.synthesis.count import count_netlist
from drawplate_target_ecp5.synthesis.yosys import NETLIST
from drawplate_target_ecp5.technology import ECP5

SECONDS = 3600.0
PATH = Path(__file__).with_name("modules.csv")


def read_modules() -> list[ModuleRow]:
    """Read the table."""
    return read_rows(PATH)


def synthesise_module(module: LibraryModule, parameters: str) -> Resources:
    """Count what an instance takes."""
    used = (*module.uses, module)
    with scratch() as folder:
        for part in used:
            (folder / part.file).write_bytes(part.source(ECP5))
        names = [*(part.file for part in used), *parameters.split()]
        command = [sys.executable, "-m", "drawplate_target_ecp5.synthesis.yosys", "module", module.name, *names]
        done = run(command, seconds=SECONDS, where=module.name, folder=folder)
        if done.returncode:
            raise StepFailed(f"yosys failed: {done.stderr[-400:]}", where=module.name)
        return count_netlist(json.loads((folder / NETLIST).read_text(encoding="utf-8")))


def main(*names: str) -> None:
    """Synthesise rows anew, or new ones."""
    rows = read_modules()
    modules = [name for name in names if "=" not in name]
    given = [name for name in names if "=" in name]
    rows += [ModuleRow(module=modules[0], parameters=text, resources=Resources()) for text in given]
    for at, row in enumerate(rows):
        if (row.parameters in given) if given else (not modules or row.module in modules):
            rows[at] = evolve(row, resources=synthesise_module(FITTED[row.module], row.parameters))
            write_rows(PATH, rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
