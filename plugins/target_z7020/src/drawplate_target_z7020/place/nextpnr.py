# SPDX-License-Identifier: Apache-2.0
"""Placing and routing a whole design, processing system and DMA engine included, with nextpnr.

Options and reports are those of upstream's ``nextpnr-himbaechel`` (architecture xilinx) and of openXC7's
``nextpnr-xilinx``.  Their delays are prjxray's: no skew, no jitter, no hold times, DSP48E1 and LUT RAM untimed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from drawplate.errors import StepFailed
from drawplate.processes import run
from drawplate_dataflow.yosys import yosys_version
from drawplate_target_z7020.parts import Part
from drawplate_target_z7020.place.placed import Derive, Placed
from drawplate_target_z7020.place.summary import SUMMARY, read_summary, summarise
from drawplate_target_z7020.place.tools import Nextpnr

TOP: Final = "drawplate_zynq"
FASM: Final = "drawplate.fasm"
CONSTRAINTS: Final = "open.xdc"
STANDING: Final = "prjxray's delays, no skew, no hold times: no sign-off"
SECONDS: Final = 24 * 3600.0
_LOG: Final = "nextpnr.log"


def arguments(tool: Nextpnr, part: Part, clock_mhz: float) -> list[str]:
    """Return how nextpnr is called in a folder with ``netlist.json`` and the constraints."""
    common = ["--chipdb", str(tool.database), "--json", "netlist.json", "--freq", f"{clock_mhz:g}"]
    common += ["--write", "routed.json", "--timing-allow-fail", "--log", _LOG]
    if tool.upstream:
        common += ["--device", part.part, "-o", f"xdc={CONSTRAINTS}", "-o", f"fasm={FASM}"]
        return [*common, "--report", "report.json", "--detailed-timing-report"]
    return [*common, "--xdc", CONSTRAINTS, "--fasm", FASM]


def place_whole(files: Mapping[str, bytes], part: Part, clock_mhz: float, tool: Nextpnr, derived: Derive) -> Placed:
    """Synthesise flat, place and route; once per design, part, clock, tool and database.

    Args:
        files: of the build: Verilog for synthesis, contents of memories, constraints; others do not matter.
        part: a board with a processing system.
        clock_mhz: clock that is asked for.
        tool: that is installed.
        derived: where results are kept, ``job.derived``.

    Raises:
        StepFailed: when a tool fails, or the design does not fit.
    """
    named = Path(tool.program).name
    wanted = {name: content for name, content in files.items() if _needed(name)}
    content = sha256(b"".join(name.encode() + sha256(wanted[name]).digest() for name in sorted(wanted))).hexdigest()
    size = tool.database.stat().st_size
    database = f"{tool.database.name}, {size:,} bytes"
    key = {"design": content, "part": part.part, "clock_mhz": clock_mhz, "tool": named, "database": database}
    key |= {"yosys": yosys_version(), "arguments": arguments(tool, part, clock_mhz)}
    folder = derived("z7020_place", key, partial(_make, wanted, part, clock_mhz, tool))
    return read_summary(folder, tool=f"{named} with {tool.database.name}", standing=STANDING)


def _make(files: Mapping[str, bytes], part: Part, clock_mhz: float, tool: Nextpnr, folder: Path) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    sources = sorted(name for name in files if name.endswith(".v"))
    pairs = "split" if tool.upstream else "whole"
    call([sys.executable, "-m", f"{__package__}.netlist", TOP, pairs, *sources], folder, "yosys")
    call([tool.program, *arguments(tool, part, clock_mhz)], folder, Path(tool.program).name)
    routed = json.loads((folder / "routed.json").read_text(encoding="utf-8"))
    path = folder / "report.json"
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    log = folder / _LOG
    summarise(routed, report, log.read_text(encoding="utf-8", errors="replace") if log.exists() else "", folder)
    for made in folder.iterdir():
        if made.name not in {SUMMARY, FASM, _LOG}:
            made.unlink()


def _needed(name: str) -> bool:
    return name.endswith((".v", ".hex")) or name == CONSTRAINTS


def call(command: list[str], folder: Path, tool: str) -> None:
    """Run a tool in a folder.

    Raises:
        StepFailed: when it fails; says its first error.
    """
    done = run(command, seconds=SECONDS, where=f"z7020, {tool}", folder=folder)
    if not done.returncode:
        return
    said = (done.stdout + done.stderr).splitlines()
    errors = [line for line in said if line.startswith("ERROR")] or [line for line in said if line.strip()][-1:]
    failed = StepFailed(
        f"{tool} failed: {(errors or [f'status {done.returncode}'])[0]}",
        where="z7020, place",
        hint="where the design does not fit, fold it smaller: a placed design takes more LUTs than yosys counts",
    )
    failed.traceback = done.stdout[-8000:] + done.stderr[-4000:]
    raise failed
