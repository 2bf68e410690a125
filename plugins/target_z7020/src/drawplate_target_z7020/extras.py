# SPDX-License-Identifier: Apache-2.0
"""What is found out on request: a waveform, the depth of the logic, Vivado's counts and slack."""

from __future__ import annotations

from attrs import evolve
from onnx import ModelProto

from drawplate import Job, Metric, Source
from drawplate_dataflow.evidence import keep_waveform, resource_metrics
from drawplate_dataflow.hardware.design import Design
from drawplate_target_z7020.evidence import LABELS
from drawplate_target_z7020.parts import Part, find_part
from drawplate_target_z7020.z7020_options import MeasureOptions


def extras(design: Design, proto: ModelProto, options: MeasureOptions, job: Job) -> list[Metric]:
    """Return the metrics that were asked for, and note where the waveform is."""
    if options.trace:
        keep_waveform(design, proto, options.trace, options.gates, job)
    found = depths(design, job) if options.logic_depth else []
    return [*found, *placed(design, find_part(options.board), options.clock_mhz, job)] if options.vivado else found


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
    counts = resource_metrics([(None, routed.resources)], LABELS, Source.SYNTHESISED, note=note)
    return [
        *(evolve(metric, name=f"vivado_{metric.name}") for metric in counts),
        Metric(name="vivado_slack_ns", value=routed.slack_ns, unit="ns", source=Source.SYNTHESISED, note=note),
    ]
