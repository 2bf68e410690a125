# SPDX-License-Identifier: Apache-2.0
"""Placing a design with the tool that the options name, and what becomes of it as figures."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate import Job, Metric, Source
from drawplate.errors import FlowError
from drawplate_dataflow.evidence import resource_metrics, utilisation
from drawplate_dataflow.hardware import Design
from drawplate_dataflow.host import Wrapper, around
from drawplate_dataflow.place import OUTSIDE
from drawplate_dataflow.resources import Resources, total
from drawplate_target_z7020.evidence import LABELS
from drawplate_target_z7020.parts import Part
from drawplate_target_z7020.place.placed import Placed


def require(tool: str, part: Part) -> None:
    """See that a tool is installed, and can place for a board.

    Raises:
        ToolMissing: when it is not.
        FlowError: when the board has no processing system for the whole logic.
    """
    from drawplate_target_z7020.place.tools import find_nextpnr
    from drawplate_target_z7020.place.vivado import require_vivado

    if tool == "vivado":
        require_vivado()
        return
    if not part.has_processor:
        raise FlowError(
            f"{part.name} has no processing system, and nextpnr places the whole logic around one",
            where="z7020, place",
            hint='choose a Zynq board, or place = "vivado", which places the design alone',
        )
    find_nextpnr(part.device)


def place(tool: str, design: Design, files: Mapping[str, bytes], part: Part, clock_mhz: float, job: Job) -> Placed:
    """Place and route.

    Args:
        tool: ``nextpnr`` or ``vivado``.
        design: the design.
        files: of its build.
        part: the board.
        clock_mhz: clock that is asked for.
        job: whose store keeps results by their content.

    Raises:
        ToolMissing: when the tool is not installed.
        StepFailed: when it fails, or the design does not fit.
    """
    from drawplate_target_z7020.place.nextpnr import place_whole
    from drawplate_target_z7020.place.tools import find_nextpnr
    from drawplate_target_z7020.place.vivado import alone_script, place_alone

    require(tool, part)
    with job.progress(f"{tool}: place and route", 1) as bar:
        if tool == "vivado":
            placed = place_alone(design, alone_script(design, part.part, clock_mhz), clock_mhz, job.derived)
        else:
            placed = place_whole(files, part, clock_mhz, find_nextpnr(part.device), job.derived)
        bar.advance(1)
    return placed


def placed_metrics(
    design: Design, placed: Placed, part: Part, clock_mhz: float, wrapper: Wrapper | None, job: Job
) -> list[Metric]:
    """Return what was placed, by layer where the tool tells and in all, and the clock.

    Whether it fits is said with the wrapper, too, where the tool placed the design alone.

    Args:
        design: the design.
        placed: what the tool found.
        part: the board's.
        clock_mhz: clock that was asked for.
        wrapper: what surrounds the design on the board; None where it goes into logic of somebody's own.
        job: whose note tells the slowest path.
    """
    names = {unit.module: unit.name for unit in (*design.layers, *design.forks)}
    rows = [*((names.get(unit, unit), taken) for unit, taken in placed.layers.items()), (None, placed.resources)]
    within = "the wrapper placed with it" if OUTSIDE in placed.layers else "the design alone, without the wrapper"
    note = f"placed and routed on {part.part}, {placed.tool}: {placed.standing}; {within}"
    beside = Resources() if OUTSIDE in placed.layers else total(around(wrapper, design.network).values())
    fits = (placed.resources + beside).fits(part.budget)
    found = resource_metrics(rows, LABELS, Source.PLACED, note=note)
    found += utilisation(placed.resources, part.budget, LABELS, Source.PLACED, part.part, fits=fits)
    if placed.slices is not None:
        found.append(Metric(name="slices", value=placed.slices, unit="slices", source=Source.PLACED, note=note))
    slowest = placed.slowest
    if slowest is not None:
        ends = " to ".join(dict.fromkeys(names.get(unit, unit) for unit in (slowest.start_unit, slowest.end_unit)))
        path = f"slowest path in {ends}: {slowest.ns:.2f} ns, {slowest.wire_ns:.2f} ns of it wire"
        job.note(f"{path}; from {slowest.start} to {slowest.end}")
        note = f"{path}; {note}"
    verdict = "" if placed.fmax_mhz >= clock_mhz else f"NOT the {clock_mhz:g} MHz that were asked for; "
    return [
        *found,
        Metric(name="fmax_mhz", value=placed.fmax_mhz, unit="MHz", source=Source.PLACED, note=verdict + note),
    ]
