# SPDX-License-Identifier: Apache-2.0
"""What is found out on request: a waveform, the depth of the logic."""

from __future__ import annotations

from onnx import ModelProto

from drawplate import Job, Metric, Source
from drawplate_dataflow.evidence import keep_waveform
from drawplate_dataflow.hardware.design import Design
from drawplate_target_z7020.z7020_options import MeasureOptions


def extras(design: Design, proto: ModelProto, options: MeasureOptions, job: Job) -> list[Metric]:
    """Return the metrics that were asked for, and note where the waveform is."""
    if options.trace:
        keep_waveform(design, proto, options.trace, options.gates, job)
    return depths(design, job) if options.logic_depth else []


def depths(design: Design, job: Job) -> list[Metric]:
    """Return the longest path through the logic, by layer and in all."""
    from drawplate_target_z7020.synthesis.depth import NOTE, logic_depths

    found = logic_depths(design, job.derived)
    return [
        Metric(name="logic_ns", value=value, unit="ns", source=Source.SYNTHESISED, layer=layer, note=NOTE)
        for layer, value in [*found.items(), (None, max(found.values()))]
    ]
