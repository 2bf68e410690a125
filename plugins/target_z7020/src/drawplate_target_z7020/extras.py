# SPDX-License-Identifier: Apache-2.0
"""What is found out on request: a waveform, the depth of the logic, the mapped netlist, how often nets change."""

from __future__ import annotations

from collections.abc import Mapping

from onnx import ModelProto

from drawplate import Job, Metric, Source
from drawplate.errors import StepFailed
from drawplate_dataflow.evidence import keep_waveform
from drawplate_dataflow.frames import frames_for
from drawplate_dataflow.hardware.design import Design
from drawplate_dataflow.simulate.toggles import Toggled
from drawplate_target_z7020.z7020_options import MeasureOptions


def extras(design: Design, proto: ModelProto, options: MeasureOptions, job: Job) -> list[Metric]:
    """Return the metrics that were asked for, and note where the waveform is."""
    if options.trace:
        keep_waveform(design, proto, options.trace, options.gates, job)
    return [
        *(depths(design, job) if options.logic_depth else []),
        *([netlist_is_exact(design, proto, options.netlist, job)] if options.netlist else []),
    ]


def netlist_is_exact(design: Design, proto: ModelProto, images: int, job: Job) -> Metric:
    """Simulate what yosys maps the design to, and return on how many images every output equals the golden model's.

    Raises:
        StepFailed: where one does not.
    """
    from drawplate_target_z7020.synthesis.mapped import mapped, mismatches

    drawn = frames_for(design.network, proto, images, job)
    with job.progress(f"{job.step}: netlist, cell by cell, {drawn.said}", 1) as bar:
        wrong = mismatches(mapped(design, job.derived), drawn.values)
        bar.advance(1)
    if wrong:
        raise StepFailed(
            f"{wrong} of {len(drawn.values)} images leave the netlist of yosys otherwise than the golden model",
            where="z7020, netlist",
        )
    return Metric(
        name="netlist_images",
        value=len(drawn.values),
        unit="images",
        source=Source.SIMULATED,
        note="synthesised netlist, cell by cell, under random back-pressure: every output equals the golden model's",
    )


def depths(design: Design, job: Job) -> list[Metric]:
    """Return the longest path through the logic, by layer and in all."""
    from drawplate_target_z7020.synthesis.depth import NOTE, logic_depths

    found = logic_depths(design, job.derived)
    return [
        Metric(name="logic_ns", value=value, unit="ns", source=Source.SYNTHESISED, layer=layer, note=NOTE)
        for layer, value in [*found.items(), (None, max(found.values()))]
    ]


def counted(design: Design, proto: ModelProto, images: int, job: Job) -> Mapping[str, Toggled]:
    """Simulate so many images gate by gate, and return how often the nets of every layer change."""
    from drawplate_dataflow.simulate.toggles import count_toggles

    drawn = frames_for(design.network, proto, images, job)
    with job.progress(f"{job.step}: counting changes of nets, {drawn.said}", 1):
        found = count_toggles(design, drawn.values)
    for name, toggled in found.items():
        job.row(
            "changes of nets", name, {"nets": toggled.bits, "changes per net and frame": round(toggled.per_frame, 2)}
        )
    return found
