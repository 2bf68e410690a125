# SPDX-License-Identifier: Apache-2.0
"""Figures of a network on a board: estimated; simulated and placed where it is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve
from onnx import ModelProto

from drawplate import Build, Job, Metric, Source
from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.evidence import (
    Wanted,
    estimate_forks,
    estimate_layers,
    estimated_rate,
    keep_waveform,
    resource_metrics,
    simulated,
    utilisation,
)
from drawplate_dataflow.hardware import Design, generate
from drawplate_dataflow.host import Wrapper, around, ports
from drawplate_dataflow.host.port import line
from drawplate_dataflow.network import Network
from drawplate_dataflow.resources import Resources, total
from drawplate_dataflow.technology import Technology
from drawplate_target_ecp5.board import Wrapped, wrap
from drawplate_target_ecp5.board.price import LineWrapper
from drawplate_target_ecp5.board.wrapper import link_fps
from drawplate_target_ecp5.boards import LABELS, Board, find_board
from drawplate_target_ecp5.ecp5_options import ExportOptions, MeasureOptions
from drawplate_target_ecp5.products import meets, placed_design
from drawplate_target_ecp5.route import Placed
from drawplate_target_ecp5.technology import ECP5

RATES: Final = frozenset({"cycles", "fps", "latency_ms", "link_fps"})


def estimated(network: Network, options: ExportOptions | MeasureOptions, board: Board) -> tuple[Metric, ...]:
    """Estimate rates and resources of a network as it is folded.

    The wrapper is a row of its own, and the serial line bounds the rate; not where the network is embedded.
    """
    estimates, baud = estimate_layers(network, CostModel(ECP5)), options.baud or board.baud
    port = None if options.embedded else line(baud, options.clock_mhz)
    rates = with_line(estimated_rate(network, estimates, ECP5, options.clock_mhz, port), network, baud)
    rows = by_unit(network, ECP5, wrapper=None if options.embedded else LineWrapper(family=ECP5))
    whole = total(rows.values())
    return (
        *rates,
        *resource_metrics([*rows.items(), (None, whole)], LABELS, Source.ESTIMATED, ECP5.errors),
        *utilisation(whole, board.part.budget, LABELS, Source.ESTIMATED, board.device),
    )


def by_unit(network: Network, family: Technology, wrapper: Wrapper | None) -> dict[str, Resources]:
    """Return what layers, forks and the wrapper, where there is one, are estimated to take, by name."""
    model = CostModel(family)
    estimates = estimate_layers(network, model) | estimate_forks(network, model)
    rows = {name: estimate.resources for name, estimate in estimates.items()}
    return rows | around(wrapper, network)


def taken(network: Network, family: Technology) -> Resources:
    """Return what a network and its wrapper are estimated to take."""
    return total(by_unit(network, family, LineWrapper(family=family)).values())


def found(build: Build, proto: ModelProto, network: Network, options: MeasureOptions, job: Job) -> tuple[Metric, ...]:
    """Place, route and simulate a build."""
    design = generate(network, ECP5)
    board = find_board(build.plan["board"])
    wrapped = wrap(design, board, build.plan["clock_mhz"], build.plan["baud"])
    clock, standing = wrapped.clock_mhz, ""
    baud = wrapped.link.baud
    guesses = estimated(network, evolve(options, baud=baud), board)
    if options.place:
        result = placed_design(wrapped, options.placer_seed, job)
        placed = [*placed_metrics(wrapped, result, job)]
        fmax = result.found.fmax_mhz
        if meets(result, clock):
            standing = f"; placed and routed, {fmax:.1f} MHz are possible"
        else:
            standing = f": the fastest that was routed, not the {clock:g} MHz that were asked for"
            clock = round(fmax, 1)
    else:
        placed = [metric for metric in guesses if metric.name not in RATES]
    rates = [metric for metric in guesses if metric.name in RATES and (metric.layer is not None or not options.images)]
    if options.images:
        wanted = Wanted(
            images=options.images,
            back_pressure=options.back_pressure,
            gates=options.gates,
            clock_mhz=clock,
            standing=standing,
            port=None if options.embedded else line(baud, clock),
        )
        rates += with_line(simulated(design, proto, wanted, job), network, baud)
    if options.trace:
        keep_waveform(design, proto, options.trace, options.gates, job)
    return (*rates, *placed)


def with_line(rates: Sequence[Metric], network: Network, baud: int) -> list[Metric]:
    """Add the frames that the serial line carries, and say beside the network's own rate that the board gives fewer."""
    carried = link_fps(ports(network), baud)
    note = f"what the board gives: the serial line at {baud:,} baud, both ways at once"
    found = [_behind(metric, carried) if metric.name == "fps" else metric for metric in rates]
    return [*found, Metric(name="link_fps", value=carried, unit="FPS", source=Source.ESTIMATED, note=note)]


def _behind(fps: Metric, carried: float) -> Metric:
    if carried * (1 + 1e-3) >= fps.value:
        return fps
    return evolve(fps, note=f"{fps.note}; of the network's own streams, the serial line carries {carried:,.0f} FPS")


def placed_metrics(wrapped: Wrapped, placed: Placed, job: Job) -> list[Metric]:
    """Return what was placed, by layer and in all, and the clock; the slowest paths go to a table."""
    names = unit_names(wrapped.design)
    board, result = wrapped.board, placed.found
    rows = [*((names.get(unit, unit), taken) for unit, taken in result.layers.items()), (None, result.resources)]
    note = f"placed and routed on {board.device}, {placed.tool}"
    metrics = resource_metrics(rows, LABELS, Source.PLACED, note=note)
    metrics += utilisation(result.resources, board.part.budget, LABELS, Source.PLACED, board.device)
    for unit, ns in result.arrivals.items():
        job.row("arrivals", unit, {"layer": names.get(unit, unit), "latest arrival": f"{ns:.2f} ns"})
    slowest = result.slowest
    if slowest is not None:
        ends = " to ".join(dict.fromkeys(names.get(unit, unit) for unit in (slowest.start_unit, slowest.end_unit)))
        path = f"slowest path in {ends}: {slowest.ns:.2f} ns, {slowest.wire_ns:.2f} ns of it wire"
        job.note(f"{path}; from {slowest.start} to {slowest.end}")
        note = f"{path}; {note}"
    return [*metrics, Metric(name="fmax_mhz", value=result.fmax_mhz, unit="MHz", source=Source.PLACED, note=note)]


def unit_names(design: Design) -> dict[str, str]:
    """Return the names of layers by those of their modules."""
    return {unit.module: unit.name for unit in (*design.layers, *design.forks)}
