# SPDX-License-Identifier: Apache-2.0
"""The table of synthesised library modules that constants are fitted to.

``python -m drawplate_target_z7020.fitting.modules [MODULE ...]`` synthesises the rows of these modules anew (of all,
without a name); ``MODULE "BITS=7 PE=8 ..." ...`` adds rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import evolve

from drawplate.errors import StepFailed
from drawplate.processes import run, scratch
from drawplate_dataflow.cost.fitting import ModuleRow, read_rows, write_rows
from drawplate_dataflow.hardware.library import FITTED, LibraryModule
from drawplate_dataflow.resources import Resources
from drawplate_target_z7020.synthesis.count import count
from drawplate_target_z7020.xc7 import XC7

SECONDS: Final = 3600.0
PATH: Final = Path(__file__).with_name("modules.csv")
COLUMNS: Final = tuple(label.name for label in XC7.labels)


def read_modules() -> list[ModuleRow]:
    """Read the table."""
    return read_rows(PATH, COLUMNS)


def synthesise_module(module: LibraryModule, parameters: Mapping[str, int]) -> Resources:
    """Count what an instance takes."""
    used = (*module.uses, module)
    with scratch() as folder:
        for part in used:
            (folder / part.file).write_bytes(part.source(XC7))
        given = (f"{name}={value}" for name, value in parameters.items())
        command = [sys.executable, "-m", "drawplate_target_z7020.synthesis.yosys", module.name]
        done = run([*command, *(part.file for part in used), *given], seconds=SECONDS, where=module.name, folder=folder)
        if done.returncode:
            raise StepFailed(f"yosys failed: {done.stderr[-400:]}", where=module.name)
        return count(json.loads((folder / "stat.json").read_text(encoding="utf-8")))


def main(*names: str) -> None:
    """Synthesise rows anew, or new ones."""
    rows, given = read_modules(), [name for name in names if "=" in name]
    modules = [name for name in names if "=" not in name]
    rows += [ModuleRow(module=modules[0], parameters=text, resources=Resources()) for text in given]
    for at, row in enumerate(rows):
        if (row.parameters in given) if given else (not modules or row.module in modules):
            rows[at] = evolve(row, resources=synthesise_module(FITTED[row.module], row.values))
            write_rows(PATH, rows, COLUMNS)


if __name__ == "__main__":
    main(*sys.argv[1:])
