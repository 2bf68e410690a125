# SPDX-License-Identifier: Apache-2.0
"""Cycles, frames per second and latency that a folding gives at a clock."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate import Metric, Source
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.latency import latency
from drawplate_dataflow.host import PortLimit
from drawplate_dataflow.network import Network
from drawplate_dataflow.technology import Technology


def estimated_rate(
    network: Network,
    estimates: Mapping[str, Estimate],
    technology: Technology,
    clock_mhz: float,
    port: PortLimit | None = None,
    standing: str = "",
) -> list[Metric]:
    """Return cycles by layer, the initiation interval, rate and latency that the folding and the port give.

    Args:
        network: the folded network.
        estimates: of its layers.
        technology: of what it is built.
        clock_mhz: clock that rates are given at.
        port: what frames come in and go out through.
        standing: what is known of that clock, for notes.
    """
    interval = max(estimate.cycles for estimate in estimates.values())
    bound = "per frame: the slowest layer"
    crossing = None if port is None else port.of(network)
    if crossing is not None and crossing.cycles > interval:
        interval, bound = crossing.cycles, f"per frame: the {crossing.way} port, {crossing}"
    found = [
        Metric(name="cycles", value=estimate.cycles, unit="cycles", source=Source.ESTIMATED, layer=layer)
        for layer, estimate in estimates.items()
    ]
    clocks = latency(network, {name: estimate.cycles for name, estimate in estimates.items()}, technology)
    note = f"{clocks:,} cycles of one frame through empty hardware"
    return [
        *found,
        Metric(name="cycles", value=interval, unit="cycles", source=Source.ESTIMATED, note=bound),
        *rate(interval, clocks, clock_mhz, Source.ESTIMATED, (f"at {clock_mhz:g} MHz{standing}", note)),
    ]


def rate(
    interval: float, latency_clocks: float, clock_mhz: float, source: Source, notes: tuple[str, str]
) -> tuple[Metric, Metric]:
    """Return frames per second and latency at a clock; ``notes`` are theirs."""
    return (
        Metric(name="fps", value=clock_mhz * 1e6 / interval, unit="FPS", source=source, note=notes[0]),
        Metric(name="latency_ms", value=latency_clocks / clock_mhz / 1e3, unit="ms", source=source, note=notes[1]),
    )
