# SPDX-License-Identifier: Apache-2.0
"""Resources of a design, estimated or synthesised, by the names of the 7 series."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate import Job, Metric, Source
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.evidence import resource_metrics, utilisation
from drawplate_dataflow.hardware.design import Design
from drawplate_dataflow.resources import total
from drawplate_target_z7020.parts import Part
from drawplate_target_z7020.xc7 import XC7

LABELS = XC7.labels


def estimated_resources(estimates: Mapping[str, Estimate], part: Part) -> list[Metric]:
    """Return resources by layer and in all, with the error bar of the cost model."""
    whole = total(estimate.resources for estimate in estimates.values())
    rows = [*((name, estimate.resources) for name, estimate in estimates.items()), (None, whole)]
    return [
        *resource_metrics(rows, LABELS, Source.ESTIMATED, XC7.errors),
        *utilisation(whole, part.budget, LABELS, Source.ESTIMATED, part.part),
    ]


def synthesised_resources(design: Design, job: Job, part: Part) -> list[Metric]:
    """Synthesise, and return resources by layer and in all."""
    from drawplate_target_z7020.synthesis import synthesise
    from drawplate_target_z7020.synthesis.synthesise import NOTE

    with job.progress(f"{job.step}: synthesising layers", len(design.layers) + len(design.forks)) as bar:
        found = synthesise(design, job.derived, tell=bar.advance)
    rows = [*((layer.layer, layer.resources) for layer in found.layers), (None, found.resources)]
    return [
        *resource_metrics(rows, LABELS, Source.SYNTHESISED, note=f"{NOTE}, {found.tool}"),
        *utilisation(found.resources, part.budget, LABELS, Source.SYNTHESISED, part.part),
    ]
