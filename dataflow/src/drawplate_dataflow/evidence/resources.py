# SPDX-License-Identifier: Apache-2.0
"""Resources as metrics, under the names of a device family."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from drawplate import Metric, Source
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Label

Labels = Sequence[Label]
"""What a family calls its resources, in the order of :data:`drawplate_dataflow.resources.NAMES`."""


def resource_metrics(
    rows: Iterable[tuple[str | None, Resources]],
    labels: Labels,
    source: Source,
    errors: Mapping[str, float] | None = None,
    note: str = "",
) -> list[Metric]:
    """Return the resources of layers by name, and of the whole under None.

    Args:
        rows: what is known.
        labels: names and units.
        source: how it is known.
        errors: relative error by name, where one is known.
        note: what a reader has to know of all of them.
    """
    bars = errors or {}
    return [
        Metric(
            name=label.name,
            value=round(value),
            unit=label.unit,
            source=source,
            error=round(value * bars[label.name]) if label.name in bars else None,
            layer=layer,
            note=note,
        )
        for layer, resources in rows
        for label, value in zip(labels, resources.vector, strict=True)
    ]


def utilisation(resources: Resources, budget: Resources, labels: Labels, source: Source, part: str) -> list[Metric]:
    """Return the share of each resource of a part that is used, in per cent, and whether all of it fits."""
    pairs = zip(labels, resources.vector, budget.vector, strict=True)
    note = f"of {part}"
    used = [
        Metric(
            name=f"{label.name}_used",
            value=round(100 * taken / have, 2) if have else 0.0,
            unit="%",
            source=source,
            note=note,
        )
        for label, taken, have in pairs
    ]
    return [*used, Metric(name="fits", value=float(resources.fits(budget)), unit="", source=source, note=note)]
