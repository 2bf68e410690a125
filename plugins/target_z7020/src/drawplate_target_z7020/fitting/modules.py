# SPDX-License-Identifier: Apache-2.0
"""The table of synthesised library modules that constants are fitted to.

``python -m drawplate_target_z7020.fitting.modules MODULE "BITS=7 PE=8 ..." ...``
synthesises instances and appends them.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from drawplate.errors import StepFailed
from drawplate.processes import run, scratch
from drawplate_dataflow.hardware.text import library
from drawplate_dataflow.resources import Resources
from drawplate_target_z7020.synthesis.count import count

SECONDS = 3600.0
PATH = Path(__file__).with_name("modules.csv")
_USED = re.compile(r"^ +(dp_\w+) #", re.MULTILINE)
_PORT = re.compile(r"(input|output)\s+(?:wire|reg)\s+(\[[^\]]*:0\])?\s*(\w+)")


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


def wrapper(source: str, module: str, parameters: Mapping[str, int]) -> str:
    """Write a module ``alone`` with the ports of a library module, set to parameters."""
    ports, nets = [], []
    for direction, size, name in _PORT.findall(source.split(") (", 1)[1].split(");", 1)[0]):
        number = re.sub(r"[A-Z]+", lambda found: str(parameters[found.group()]), size)
        ports.append(f"{direction} wire {number} {name}")
        nets.append(f".{name}({name})")
    given = ", ".join(f".{name}({value})" for name, value in parameters.items())
    return f"module alone ({', '.join(ports)});\n  {module} #({given}) unit ({', '.join(nets)});\nendmodule\n"


def synthesise_module(module: str, parameters: Mapping[str, int]) -> Resources:
    """Count what an instance takes."""
    source = library(f"{module}.v").decode()
    used = [f"{module}.v", *(f"{name}.v" for name in sorted(set(_USED.findall(source)) - {module}))]
    with scratch() as folder:
        for file in used:
            (folder / file).write_bytes(library(file))
        (folder / "alone.v").write_text(wrapper(source, module, parameters), encoding="utf-8")
        command = [sys.executable, "-m", "drawplate_target_z7020.synthesis.yosys", "alone", *used, "alone.v"]
        done = run(command, seconds=SECONDS, where=module, folder=folder)
        if done.returncode:
            raise StepFailed(f"yosys failed: {done.stderr[-400:]}", where=module)
        return count(json.loads((folder / "stat.json").read_text(encoding="utf-8")))


def main(module: str, *instances: str) -> None:
    """Add instances to the table."""
    for text in instances:
        found = synthesise_module(module, parse(text))
        with PATH.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow([module, text, *map(int, found.vector[:3])])


if __name__ == "__main__":
    main(*sys.argv[1:])
