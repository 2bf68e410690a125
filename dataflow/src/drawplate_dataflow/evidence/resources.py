# SPDX-License-Identifier: Apache-2.0
"""Resources as metrics, under the names of a device family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drawplate import Metric, Source
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import ErrorBars, Label

Labels = Sequence[Label]
"""What a family calls its resources, in the order of :data:`drawplate_dataflow.resources.NAMES`."""


def resource_metrics(
    rows: Iterable[tuple[str | None, Resources]],
    labels: Labels,
    source: Source,
    errors: ErrorBars | None = None,
    note: str = "",
) -> list[Metric]:
    """Return the resources of layers by name, and of the whole under None.

    Args:
        rows: what is known.
        labels: names and units.
        source: how it is known.
        errors: relative errors, where they are known.
        note: what a reader has to know of all of them.
    """
    bars = (None, None, None, None) if errors is None else (errors.lut, errors.ff, None, None)
    return [
        Metric(
            name=label.name,
            value=round(value),
            unit=label.unit,
            source=source,
            error=None if bar is None else round(value * bar),
            layer=layer,
            note=note,
        )
        for layer, resources in rows
        for label, value, bar in zip(labels, resources.vector, bars, strict=True)
    ]


def utilisation(
    resources: Resources, budget: Resources, labels: Labels, source: Source, part: str, *, fits: bool = True
) -> list[Metric]:
    """Return the share of each resource of a part that is used, in per cent, and whether all of it fits.

    Args:
        resources: what is used.
        budget: what the part has.
        labels: names.
        source: how it is known.
        part: its name.
        fits: whether what is not among the resources fits.
    """
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
    return [*used, Metric(name="fits", value=float(fits and resources.fits(budget)), unit="", source=source, note=note)]
