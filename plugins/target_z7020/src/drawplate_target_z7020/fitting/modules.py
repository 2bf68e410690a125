# SPDX-License-Identifier: Apache-2.0
"""The table of synthesised library modules that constants are fitted to.

``python -m drawplate_target_z7020.fitting.modules MODULE "BITS=7 PE=8 ..." ...``
synthesises instances and appends them.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from drawplate.errors import StepFailed
from drawplate.processes import run, scratch
from drawplate_dataflow.hardware.library import FITTED, LibraryModule
from drawplate_dataflow.resources import Resources
from drawplate_target_z7020.synthesis.count import count
from drawplate_target_z7020.xc7 import XC7

SECONDS = 3600.0
PATH = Path(__file__).with_name("modules.csv")


@frozen
class ModuleRow:
    """A synthesised instance."""

    module: str
    parameters: Mapping[str, int]
    lut: int
    ff: int
    bram18: int


def read_modules() -> list[ModuleRow]:
    """Read the table."""
    with PATH.open(encoding="utf-8", newline="") as file:
        return [
            ModuleRow(row["module"], parse(row["parameters"]), *(int(row[name]) for name in ("lut", "ff", "bram18")))
            for row in csv.DictReader(file)
        ]


def parse(text: str) -> Mapping[str, int]:
    """Read ``NAME=NUMBER NAME=NUMBER``."""
    return {name: int(value) for name, value in (pair.split("=") for pair in text.split())}


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


def main(module: str, *instances: str) -> None:
    """Add instances to the table."""
    for text in instances:
        found = synthesise_module(FITTED[module], parse(text))
        with PATH.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow([module, text, *map(int, found.vector[:3])])


if __name__ == "__main__":
    main(*sys.argv[1:])
