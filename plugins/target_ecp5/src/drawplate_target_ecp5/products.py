# SPDX-License-Identifier: Apache-2.0
"""What becomes of a wrapped design: a netlist, a placement, a bitstream; shown while it is made."""

from __future__ import annotations

from drawplate import Job
from drawplate_dataflow.place import picture
from drawplate_target_ecp5.board import Wrapped
from drawplate_target_ecp5.route import BITSTREAM, Placed, place
from drawplate_target_ecp5.synthesis import synthesise

PICTURE = "placement.svg"


def placed_design(wrapped: Wrapped, seed: int, job: Job) -> Placed:
    """Synthesise, place and route; what is in the store already takes no time.

    Raises:
        ToolMissing: when a tool is not installed.
        StepFailed: when the design does not fit, or a tool fails.
    """
    units = len(wrapped.design.layers) + len(wrapped.design.forks)
    with job.progress(f"{wrapped.board.name}: synthesise, place, route", units + 2) as bar:
        netlist = synthesise(wrapped, job.derived, lambda unit: bar.advance(1, f"synthesised {unit}"))
        bar.advance(1, "placing and routing")
        placed = place(wrapped, netlist, job.derived, seed)
        bar.advance(1, "packed")
    return placed


def placement(wrapped: Wrapped, seed: int, job: Job) -> dict[str, bytes]:
    """Return the bitstream and a picture of the placement; without its clock there is no bitstream, and a note why."""
    placed = placed_design(wrapped, seed, job)
    names = {unit.module: unit.name for unit in (*wrapped.design.layers, *wrapped.design.forks)}
    files = {PICTURE: picture({names.get(unit, unit): tiles for unit, tiles in placed.found.tiles.items()})}
    if meets(placed, wrapped.clock_mhz):
        return files | {BITSTREAM: placed.bitstream.read_bytes()}
    job.note(
        f"no bitstream: the slowest path allows {placed.found.fmax_mhz:.1f} MHz, not {wrapped.clock_mhz:g}; "
        "lower clock_mhz, or try another placer_seed"
    )
    return files


def meets(placed: Placed, clock_mhz: float) -> bool:
    """Whether the slowest path is fast enough."""
    return placed.found.fmax_mhz >= clock_mhz
