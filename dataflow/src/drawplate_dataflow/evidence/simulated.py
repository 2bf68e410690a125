# SPDX-License-Identifier: Apache-2.0
"""Simulation of a design, clock by clock: every output must equal the golden model's."""

from __future__ import annotations

import numpy as np
from attrs import evolve, frozen
from onnx import ModelProto

from drawplate import Job, Metric, Source, StepFailed
from drawplate.processes import scratch
from drawplate.task import Output, judge
from drawplate_dataflow.evidence.rates import rate
from drawplate_dataflow.frames import frames_for
from drawplate_dataflow.hardware.design import Design
from drawplate_dataflow.host import PortLimit
from drawplate_dataflow.network.types import Integers


@frozen(kw_only=True)
class Wanted:
    """What is to be simulated."""

    images: int
    """Frames."""
    back_pressure: bool
    """Once more with random pauses at input and output."""
    gates: bool
    """Primitives of the family instead of the fast model."""
    clock_mhz: float
    """Clock that rates are given at."""
    standing: str = ""
    """What is known of that clock, for notes."""
    port: PortLimit | None = None
    """What frames come in and go out through, which simulation leaves out."""


def simulated(design: Design, proto: ModelProto, wanted: Wanted, job: Job) -> list[Metric]:
    """Simulate test images, or random codes where there are no data.

    Raises:
        StepFailed: when an output differs, naming the first layer that does, or the clocks per frame are others than
            those that the folding gives.
    """
    from drawplate_dataflow.simulate.program import SimulationSettings, compile_design
    from drawplate_dataflow.simulate.simulation import compare, steady_frames
    from drawplate_dataflow.simulate.verilate import pays

    drawn = frames_for(design.network, proto, wanted.images, job)
    frames = drawn.values
    # Few images are sent again and again: the rate is that of a pipeline that is full.
    enough = np.resize(np.arange(len(frames)), max(len(frames), steady_frames(design)))
    sent = len(enough) + (2 * len(frames) if wanted.back_pressure else 0)
    optimise = wanted.gates or pays(design, sent * design.cycles)
    settings = [SimulationSettings(gates=wanted.gates, seed=job.seed + 1, optimise=optimise)]
    if wanted.back_pressure:
        settings.append(evolve(settings[0], valid=60, ready=60, seed=job.seed + 2))
    with scratch() as folder:
        with job.progress(f"{job.step}: compiling the simulation", 1):
            program = compile_design(design, folder, settings[0])
        total = len(enough) + len(frames) * len(settings[1:])
        with job.progress(f"{job.step}: simulating frames", total) as bar:
            results = [compare(program, frames[enough], settings[0], bar.advance)]
            results += [compare(program, frames, setting, bar.advance) for setting in settings[1:]]
    for result, setting in zip(results, settings, strict=True):
        if not result.exact:
            blamed = result.first_differing_layer
            layer = f", layer {design.network.layer(blamed).said}" if blamed else ""
            raise StepFailed(
                f"{result.mismatches} of {len(result.values)} frames differ from the golden model, "
                f"at {setting.valid} % input",
                where=f"{job.step}{layer}",
                hint="this is a bug in the generator: please report it with the model",
            )
    steady = results[0]
    if steady.cycles_per_frame != design.cycles:
        raise StepFailed(
            f"{steady.cycles_per_frame:,.2f} cycles per frame are simulated, {design.cycles:,} are planned",
            where=job.step,
            hint="a layer waits for another: this is a bug in the generator, please report it with the model",
        )
    pauses = ", also under random back-pressure" if wanted.back_pressure else ""
    note = f"{drawn.said}, all outputs equal to the golden model{pauses}"
    clock = f"at {wanted.clock_mhz:g} MHz{wanted.standing}"
    interval, crossing = steady.cycles_per_frame, wanted.port and wanted.port.of(design.network)
    if crossing and crossing.cycles > interval:
        interval = crossing.cycles
        clock = f"{clock}, bound by the {crossing.way} port: {crossing}"
    notes = (clock, f"{steady.latency} cycles, {clock}")
    return [
        Metric(name="cycles", value=steady.cycles_per_frame, unit="cycles", source=Source.SIMULATED, note=note),
        *rate(interval, steady.latency, wanted.clock_mhz, Source.SIMULATED, notes),
        *(_judged(design, steady.values[: len(frames)], drawn.said, job) if job.has_data else ()),
    ]


def _judged(design: Design, values: Integers, said: str, job: Job) -> tuple[Metric, ...]:
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


def keep_waveform(design: Design, proto: ModelProto, images: int, gates: bool, job: Job) -> None:
    """Simulate so many images once more with all signals recorded; a note says where."""
    from drawplate_dataflow.simulate.program import SimulationSettings
    from drawplate_dataflow.simulate.waveform import waveform

    settings = SimulationSettings(gates=gates, seed=job.seed + 1)
    path = waveform(design, frames_for(design.network, proto, images, job).values, settings, job.derived)
    job.note(f"waveform of {images} images: {path}")
