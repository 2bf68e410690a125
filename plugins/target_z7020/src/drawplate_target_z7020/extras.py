# SPDX-License-Identifier: Apache-2.0
"""What is found out on request: a waveform, the depth of the logic, Vivado's counts and slack."""

from __future__ import annotations

from onnx import ModelProto

from drawplate import Job, Metric, Source
from drawplate_dataflow.frames import frames_for
from drawplate_dataflow.hardware.design import Design
from drawplate_dataflow.resources import NAMES
from drawplate_target_z7020.evidence import UNITS
from drawplate_target_z7020.parts import Part, find_part
from drawplate_target_z7020.z7020_options import MeasureOptions


def extras(design: Design, proto: ModelProto, options: MeasureOptions, job: Job) -> list[Metric]:
    """Return the metrics that were asked for, and note where the waveform is."""
    if options.trace:
        keep_waveform(design, proto, options, job)
    found = depths(design, job) if options.logic_depth else []
    return [*found, *placed(design, find_part(options.board), options.clock_mhz, job)] if options.vivado else found


def keep_waveform(design: Design, proto: ModelProto, options: MeasureOptions, job: Job) -> None:
    """Simulate once more with all signals recorded."""
    from drawplate_dataflow.simulate.program import SimulationSettings
    from drawplate_dataflow.simulate.waveform import waveform

    settings = SimulationSettings(gates=options.gates, seed=job.seed + 1)
    path = waveform(design, frames_for(design.network, proto, options.trace, job).values, settings, job.derived)
    job.note(f"waveform of {options.trace} images: {path}")


def depths(design: Design, job: Job) -> list[Metric]:
    """Return the longest path through the logic, by layer and in all."""
    from drawplate_target_z7020.synthesis.depth import NOTE, logic_depths

    found = logic_depths(design, job.derived)
    return [
        Metric(name="logic_ns", value=value, unit="ns", source=Source.SYNTHESISED, layer=layer, note=NOTE)
        for layer, value in [*found.items(), (None, max(found.values()))]
    ]


def placed(design: Design, part: Part, clock_mhz: float, job: Job) -> list[Metric]:
    """Return what Vivado counts after placement, and the slack after routing."""
    from drawplate_target_z7020.board.alone import alone_script, place_alone

    routed = place_alone(design, alone_script(design, part.part, clock_mhz), job.derived)
    note = f"Vivado, out of context, routed for {clock_mhz:g} MHz"
    counts = zip(NAMES, routed.resources.vector, strict=True)
    return [
        *(
            Metric(name=f"vivado_{name}", value=value, unit=UNITS[name], source=Source.SYNTHESISED, note=note)
            for name, value in counts
        ),
        Metric(name="vivado_slack_ns", value=routed.slack_ns, unit="ns", source=Source.SYNTHESISED, note=note),
    ]
