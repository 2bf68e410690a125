# SPDX-License-Identifier: Apache-2.0
"""The design alone in Vivado: out of context, placed and routed, without pins or a processing system.

Commands are from Xilinx UG835, reports as UG906 shows them.  Not yet tried with Vivado: the tests run a stand-in.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from drawplate.errors import StepFailed, ToolMissing
from drawplate.processes import run
from drawplate_dataflow.hardware.design import Design
from drawplate_dataflow.resources import Resources
from drawplate_target_z7020.place.placed import Derive, Placed

SCRIPT: Final = "out_of_context.tcl"
COMMAND: Final = ("vivado", "-mode", "batch", "-nojournal", "-nolog", "-source", SCRIPT)
PRODUCTS: Final = ("utilization.rpt", "timing.rpt", "slack.txt")
_HOURS = 6
_ROWS: Final = {"lut": "Slice LUTs", "ff": "Slice Registers", "bram": "Block RAM Tile", "dsp": "DSPs"}
_SCRIPT = """\
# Synthesise, place and route the design alone, and report what it takes and its slack.  Not yet tried.
#   cd here; {command}
set period {period:.3f}
read_verilog [list {sources}]
set clock [open clock.xdc w]
puts $clock "create_clock -name clk -period $period \\[get_ports clk\\]"
close $clock
read_xdc clock.xdc
synth_design -top {top} -part {part} -mode out_of_context
opt_design
place_design
route_design
report_utilization -file utilization.rpt
report_timing_summary -file timing.rpt
set slack [open slack.txt w]
puts $slack [get_property SLACK [get_timing_paths -setup -max_paths 1]]
close $slack
"""


def alone_script(design: Design, part: str, clock_mhz: float) -> bytes:
    """Write the batch script; it reads the files of the folder that it runs in."""
    sources = " ".join(design.sources)
    command = " ".join(COMMAND)
    return _SCRIPT.format(command=command, period=1000 / clock_mhz, sources=sources, top=design.top, part=part).encode()


def require_vivado() -> None:
    """See that Vivado is on PATH.

    Raises:
        ToolMissing: when it is not; says what to run elsewhere.
    """
    if not shutil.which(COMMAND[0]):
        raise ToolMissing(
            "Vivado is not on PATH",
            where="z7020, place",
            hint=f"leave place out and run `{' '.join(COMMAND)}` in the build's folder where there is one",
        )


def place_alone(design: Design, script: bytes, clock_mhz: float, derived: Derive) -> Placed:
    """Run the script; once per design and script.

    Raises:
        ToolMissing: when Vivado is not on PATH; says what to run elsewhere.
        StepFailed: when it fails.
    """
    require_vivado()

    def make(folder: Path) -> None:
        design.write(folder)
        (folder / SCRIPT).write_bytes(script)
        _run(COMMAND, folder)
        for path in folder.iterdir():
            if path.name not in PRODUCTS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    return read_reports(derived("vivado", {"design": design.digest(), "script": script.decode()}, make), clock_mhz)


def _run(command: Sequence[str], folder: Path) -> None:
    done = run(command, seconds=_HOURS * 3600, where="z7020, place", folder=folder)
    if done.returncode or not all((folder / name).is_file() for name in PRODUCTS):
        errors = [line for line in done.stdout.splitlines() if line.startswith("ERROR")]
        failed = StepFailed(f"Vivado failed: {(errors or ['it wrote no reports'])[0]}", where="z7020, place")
        failed.traceback = done.stdout[-8000:] + done.stderr[-2000:]
        raise failed


def read_reports(folder: Path, clock_mhz: float) -> Placed:
    """Read the reports.

    Raises:
        StepFailed: when a row is missing.
    """
    text = (folder / "utilization.rpt").read_text(encoding="utf-8", errors="replace")
    used = {name: _used(text, row) for name, row in _ROWS.items()}
    slack = float((folder / "slack.txt").read_text(encoding="utf-8"))
    resources = Resources(lut=used["lut"], ff=used["ff"], ram=2 * used["bram"], multiplier=used["dsp"])
    return Placed(
        resources=resources, fmax_mhz=1000 / (1000 / clock_mhz - slack), tool="Vivado", standing="out of context"
    )


def _used(report: str, row: str) -> float:
    found = re.search(rf"^\|\s*{row}\*?\s*\|\s*([\d.]+)\s*\|", report, re.MULTILINE)
    if not found:
        raise StepFailed(f"utilization.rpt has no row {row!r}", where="z7020, place")
    return float(found.group(1))
