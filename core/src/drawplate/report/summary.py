# SPDX-License-Identifier: Apache-2.0
"""The few figures that a reader looks for first."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from drawplate.metric import Metric
from drawplate.report.record import Run

JUDGED = ("top1", "auc", "f1", "r2", "mse")
"""Metrics of tasks, the one that tells most of a model first."""
HEADLINES = (
    "fits",
    *JUDGED,
    "fps",
    "latency_ms",
    "lut",
    "ff",
    "bram18",
    "dsp",
    "blob_bytes",
    "file_bytes",
    "params",
    "macs",
)
"""Metrics of a whole model, in the order in which they are asked for."""
MOST = 8
"""More figures than this are not read first."""


@frozen(kw_only=True)
class Figure:
    """A metric and the step that found it."""

    step: str
    metric: Metric
    used: float | None = None
    """Per cent of what the target has."""


def headlines(record: Run) -> list[Figure]:
    """Return the last word on each headline metric."""
    found: dict[str, Figure] = {}
    for step in record.steps:
        whole = {metric.name: metric for metric in step.whole}
        for name, metric in whole.items():
            used = whole.get(f"{name}_used")
            found[name] = Figure(step=step.name, metric=metric, used=used.value if used else None)
    return [found[name] for name in HEADLINES if name in found][:MOST]


def accuracies(record: Run) -> Iterator[Figure]:
    """Yield, after each step that judged the model, the metric that tells most."""
    for step in record.steps:
        found = {metric.name: metric for metric in step.whole}
        name = next((name for name in JUDGED if name in found), None)
        if name:
            yield Figure(step=step.name, metric=found[name])
