# SPDX-License-Identifier: Apache-2.0
"""Figures of a design: estimated, simulated or synthesised."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from onnx import ModelProto

from drawplate import Job, Metric, Source, StepFailed
from drawplate.processes import scratch
from drawplate.task import Output, judge
from drawplate_dataflow.cost import CostModel
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.forks import forked
from drawplate_dataflow.cost.latency import latency
from drawplate_dataflow.frames import frames_for
from drawplate_dataflow.hardware.design import Design
from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.resources import NAMES, Resources
from drawplate_target_z7020.parts import Part
from drawplate_target_z7020.z7020_options import MeasureOptions

UNITS: Mapping[str, str] = {"lut": "LUT", "ff": "FF", "bram18": "RAMB18", "dsp": "DSP48E1"}


def estimate_layers(network: Network, model: CostModel) -> dict[str, Estimate]:
    """Estimate every layer as it is folded.

    Raises:
        ModelError: when a folding cannot be built.
    """
    sends = {INPUT: network.readers(INPUT)[0].takes}
    found = {}
    for layer in network.layers:
        beats = [sends[name] for name in layer.inputs]
        found[layer.name] = model.estimate(layer, network.sources(layer), beats)
        sends[layer.name] = layer.sends
    return found


def estimate_forks(network: Network, model: CostModel) -> dict[str, Estimate]:
    """Estimate what lies between layers where a stream has several readers; it takes no clocks of its own."""
    found = {}
    for name in forked(network):
        sends = network.readers(INPUT)[0].takes if name == INPUT else network.layer(name).sends
        found[f"{name}_fork"] = Estimate(resources=model.fork(network, name, sends), cycles=0)
    return found


def estimated_resources(estimates: Mapping[str, Estimate], model: CostModel, part: Part) -> list[Metric]:
    """Return resources by layer and in all, with the error bar of the cost model."""
    errors = {"lut": model.lut_error, "ff": model.ff_error}
    found = []
    whole = sum((estimate.resources for estimate in estimates.values()), Resources())
    for layer, resources in [*((name, e.resources) for name, e in estimates.items()), (None, whole)]:
        for name, value in zip(NAMES, resources.vector, strict=True):
            error = round(value * errors[name]) if name in errors else None
            metric = Metric(
                name=name, value=round(value), unit=UNITS[name], source=Source.ESTIMATED, error=error, layer=layer
            )
            found.append(metric)
    return [*found, *utilisation(whole, part, Source.ESTIMATED)]


def synthesised_resources(design: Design, job: Job, part: Part) -> list[Metric]:
    """Synthesise, and return resources by layer and in all."""
    from drawplate_target_z7020.synthesis import synthesise
    from drawplate_target_z7020.synthesis.synthesise import NOTE

    found = synthesise(design, job.derived)
    rows = [*((layer.layer, layer.resources) for layer in found.layers), (None, found.resources)]
    metrics = [
        Metric(
            name=name,
            value=value,
            unit=UNITS[name],
            source=Source.SYNTHESISED,
            layer=layer,
            note=f"{NOTE}, {found.tool}",
        )
        for layer, resources in rows
        for name, value in zip(NAMES, resources.vector, strict=True)
    ]
    return [*metrics, *utilisation(found.resources, part, Source.SYNTHESISED)]


def utilisation(resources: Resources, part: Part, source: Source) -> list[Metric]:
    """Return the part of each resource that is used, and whether all of it fits."""
    pairs = list(zip(NAMES, resources.vector, part.budget.vector, strict=True))
    used = [
        Metric(name=f"{name}_used", value=round(100 * taken / have, 2), unit="%", source=source, note=f"of {part.part}")
        for name, taken, have in pairs
    ]
    fits = float(resources.fits(part.budget))
    return [*used, Metric(name="fits", value=fits, unit="", source=source, note=f"of {part.part}")]


def estimated_rate(network: Network, estimates: Mapping[str, Estimate], clock_mhz: float) -> list[Metric]:
    """Return cycles by layer, the initiation interval, rate and latency that the folding gives."""
    interval = max(estimate.cycles for estimate in estimates.values())
    found = [
        Metric(name="cycles", value=estimate.cycles, unit="cycles", source=Source.ESTIMATED, layer=layer)
        for layer, estimate in estimates.items()
    ]
    clocks = latency(network, {name: estimate.cycles for name, estimate in estimates.items()})
    return [
        *found,
        Metric(
            name="cycles", value=interval, unit="cycles", source=Source.ESTIMATED, note="per frame: the slowest layer"
        ),
        Metric(
            name="fps",
            value=clock_mhz * 1e6 / interval,
            unit="FPS",
            source=Source.ESTIMATED,
            note=f"at {clock_mhz:g} MHz",
        ),
        Metric(
            name="latency_ms",
            value=clocks / clock_mhz / 1e3,
            unit="ms",
            source=Source.ESTIMATED,
            note=f"{clocks:,} cycles of one frame through empty hardware",
        ),
    ]


def simulated(design: Design, proto: ModelProto, options: MeasureOptions, job: Job) -> list[Metric]:
    """Simulate test images clock by clock; every output must equal the golden model's.

    Raises:
        StepFailed: when an output differs, naming the first layer that does, or the clocks per frame are others than
            those that the folding gives.
    """
    from drawplate_dataflow.simulate.program import SimulationSettings, compile_design
    from drawplate_dataflow.simulate.simulation import compare, steady_frames

    drawn = frames_for(design.network, proto, options.images, job)
    frames = drawn.values
    settings = [SimulationSettings(gates=options.gates, seed=job.seed + 1)]
    if options.back_pressure:
        settings.append(SimulationSettings(gates=options.gates, valid=60, ready=60, seed=job.seed + 2))
    with scratch() as folder:
        program = compile_design(design, folder, settings[0])
        # Few images are sent again and again: the rate is that of a pipeline that is full.
        enough = np.resize(np.arange(len(frames)), max(len(frames), steady_frames(design)))
        results = [compare(program, frames[enough], settings[0])]
        results += [compare(program, frames, setting) for setting in settings[1:]]
    for result, setting in zip(results, settings, strict=True):
        if not result.exact:
            raise StepFailed(
                f"{result.mismatches} of {len(result.values)} frames differ from the golden model, "
                f"at {setting.valid} % input",
                where=f"z7020, layer {result.first_differing_layer}",
                hint="this is a bug in the generator: please report it with the model",
            )
    steady = results[0]
    if steady.cycles_per_frame != design.cycles:
        raise StepFailed(
            f"{steady.cycles_per_frame:,.2f} cycles per frame are simulated, {design.cycles:,} are planned",
            where="z7020",
            hint="a layer waits for another: this is a bug in the generator, please report it with the model",
        )
    pauses = ", also under random back-pressure" if options.back_pressure else ""
    note = f"{drawn.said}, all outputs equal to the golden model{pauses}"
    clock = f"at {options.clock_mhz:g} MHz"
    return [
        Metric(name="cycles", value=steady.cycles_per_frame, unit="cycles", source=Source.SIMULATED, note=note),
        Metric(
            name="fps",
            value=options.clock_mhz * 1e6 / steady.cycles_per_frame,
            unit="FPS",
            source=Source.SIMULATED,
            note=clock,
        ),
        Metric(
            name="latency_ms",
            value=steady.latency / options.clock_mhz / 1e3,
            unit="ms",
            source=Source.SIMULATED,
            note=f"{steady.latency} cycles, {clock}",
        ),
        *(judged(design, steady.values[: len(frames)], drawn.said, job) if job.has_data else ()),
    ]


def judged(design: Design, values: Integers, said: str, job: Job) -> tuple[Metric, ...]:
    """Judge what left the hardware for the first test images by the data's task."""
    network = design.network
    flat = values.reshape(len(values), -1).astype(np.float64)
    return judge(
        flat * network.scale.scale + network.scale.bias if network.scale else flat,
        job.data("test").first(len(values)),
        job.dataset,
        source=Source.SIMULATED,
        output=Output.INDEX if network.layers[-1].index else Output.SCORES,
        note=f"{said} of {job.dataset.name} through the RTL",
    )
