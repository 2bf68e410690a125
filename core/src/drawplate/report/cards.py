# SPDX-License-Identifier: Apache-2.0
"""A headline figure on the page: the step that found it, what that step says of it, its share of the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from drawplate.report.figures import format_figure, format_number, scaled
from drawplate.report.summary import Figure

WORDS: Final[Mapping[str, str]] = {
    "top1": "top-1 accuracy",
    "fps": "frames per second",
    "latency_ms": "latency",
    "lut": "LUTs",
    "ff": "flip-flops",
    "bram18": "block RAM",
    "dsp": "DSP",
    "blob_bytes": "blob",
    "file_bytes": "file",
    "params": "parameters",
    "macs": "multiply-accumulates",
}
"""How people call a metric."""


@frozen(kw_only=True)
class Card:
    """One figure."""

    name: str
    value: str
    unit: str
    source: str
    where: str
    used: str
    """Per cent of the target, as text."""
    share: float | None
    """The same for a bar: at most 100; None where the target has no such limit."""


def card_of(figure: Figure) -> Card:
    """Write a figure."""
    metric = scaled(figure.metric)
    return Card(
        name=WORDS.get(metric.name, metric.name),
        value=format_figure(metric),
        unit=metric.unit,
        source=metric.source,
        where=f"by {figure.step}: {metric.note}" if metric.note else f"by {figure.step}",
        used="" if figure.used is None else format_number(figure.used),
        share=None if figure.used is None else min(figure.used, 100.0),
    )
