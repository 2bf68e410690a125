# SPDX-License-Identifier: Apache-2.0
"""Resources of a design, estimated or synthesised, by the names of the 7 series, and the energy of a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from drawplate import Job, Metric, Source
from drawplate.processes import crew
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.evidence import energy_metrics, resource_metrics, utilisation
from drawplate_dataflow.hardware.chains import carry_chains, units
from drawplate_dataflow.hardware.design import Design
from drawplate_dataflow.host import WRAPPER, Wrapper, around
from drawplate_dataflow.network import Network
from drawplate_dataflow.resources import Resources, total
from drawplate_dataflow.simulate.toggles import Toggled
from drawplate_target_z7020.board.price import AxisWrapper
from drawplate_target_z7020.packing import Packed, pack
from drawplate_target_z7020.parts import Part
from drawplate_target_z7020.xc7 import XC7

if TYPE_CHECKING:
    from drawplate_target_z7020.synthesis.synthesise import Synthesis

LABELS = XC7.labels


def estimated_resources(
    network: Network, estimates: Mapping[str, Estimate], part: Part, wrapper: Wrapper | None
) -> list[Metric]:
    """Return resources by layer and in all, with the error bar of the cost model, and what a placer makes of them.

    Args:
        network: the folded network.
        estimates: of its layers and forks.
        part: the board's.
        wrapper: what surrounds it, a row of its own; None where it is not counted.
    """
    found = {name: estimate.resources for name, estimate in estimates.items()} | around(wrapper, network)
    whole = total(found.values())
    rows = [*found.items(), (None, whole)]
    packed = packed_of(network, whole.lut, wrapper)
    return [
        *resource_metrics(rows, LABELS, Source.ESTIMATED, XC7.errors),
        *packing_metrics(packed, part),
        *utilisation(whole, part.budget, LABELS, Source.ESTIMATED, part.part, fits=packed.fits(part)),
    ]


def packed_of(network: Network, lut: float, wrapper: Wrapper | None) -> Packed:
    """Return what a placer makes of so many LUTs of a network, and of a wrapper where there is one."""
    chains = carry_chains(network, XC7) + total(around(wrapper, network).values()).chains
    return pack(lut, chains, units(network))


def packing_metrics(packed: Packed, part: Part) -> list[Metric]:
    """Return LUT positions and slices; no placer was run."""
    note = packed.said(part)
    figures = (
        ("lut_positions", packed.positions, "LUT", packed.positions_off),
        ("slices", packed.slices, "slices", packed.slices_off),
    )
    return [
        Metric(name=name, value=round(value), unit=unit, source=Source.ESTIMATED, error=round(off), note=note)
        for name, value, unit, off in figures
    ]


def estimated_energy(
    estimates: Mapping[str, Estimate],
    rates: Iterable[Metric],
    clock_mhz: float,
    toggled: Mapping[str, Toggled] | None = None,
) -> list[Metric]:
    """Return the dynamic energy of a frame at the rate that is known, by layer and in all.

    Args:
        estimates: what layers and forks take.
        rates: metrics, ``fps`` of the whole among them, which may be bound by the port.
        clock_mhz: clock of these.
        toggled: how often nets change; None where that is not counted.
    """
    fps = next(metric.value for metric in rates if metric.name == "fps" and metric.layer is None)
    return energy_metrics(estimates, clock_mhz * 1e6 / fps, fps, XC7.energies, toggled)


@contextmanager
def synthesising(
    design: Design, job: Job, wrapper: AxisWrapper | None
) -> Iterator[Callable[[], tuple[Synthesis, Resources | None]]]:
    """Synthesise beside what the block does, and end that where the block fails.

    Args:
        design: the design.
        job: that keeps counts.
        wrapper: what surrounds it; None where it is not counted.

    Yields:
        what waits for the counts: those of layers, and the wrapper's.
    """
    from drawplate_target_z7020.synthesis.around import synthesise_axis
    from drawplate_target_z7020.synthesis.synthesise import begin

    label, units = f"{job.step}: synthesising layers", len(design.layers) + len(design.forks)
    with job.progress(label, units) as bar, crew() as together:
        layers = begin(design, job.derived, together, tell=bar.advance)
        around = None
        if wrapper is not None:
            around = together.submit(synthesise_axis, design, wrapper.into, job.derived, together.look)
        yield lambda: (layers(), None if around is None else around.result())


def synthesised_resources(
    design: Design, counted: tuple[Synthesis, Resources | None], part: Part, wrapper: AxisWrapper | None
) -> list[Metric]:
    """Return resources by layer and in all, as they were synthesised.

    Args:
        design: the design.
        counted: of layers, and of the wrapper.
        part: the board's.
        wrapper: a row of its own; None where it is not counted.
    """
    from drawplate_target_z7020.synthesis.synthesise import NOTE

    found, around = counted
    units = {layer.layer: layer.resources for layer in found.layers}
    if wrapper is not None and around is not None:
        units[WRAPPER] = around + wrapper.engine
    whole = total(units.values())
    rows, packed = [*units.items(), (None, whole)], packed_of(design.network, whole.lut, wrapper)
    within = "the wrapper not counted" if wrapper is None else "the wrapper counted"
    return [
        *resource_metrics(rows, LABELS, Source.SYNTHESISED, note=f"{NOTE}, {found.tool}; {within}"),
        *packing_metrics(packed, part),
        *utilisation(whole, part.budget, LABELS, Source.SYNTHESISED, part.part, fits=packed.fits(part)),
    ]
