# SPDX-License-Identifier: Apache-2.0
"""The few figures that a reader looks for first."""

from __future__ import annotations

import math
from collections.abc import Iterator

from attrs import evolve as replace
from attrs import frozen

from drawplate.artifact import Form
from drawplate.metric import Metric
from drawplate.report.record import Run
from drawplate.store.run_records import StepRecord

JUDGED = ("top1", "auc", "f1", "r2", "mse")
"""Metrics of tasks, the one that tells most of a model first."""
VALIDATED = tuple(f"val_{name}" for name in JUDGED)
"""What training found out itself: told where nothing measured the model."""
HEADLINES = (
    "fits",
    *JUDGED,
    "fps",
    "latency_ms",
    "lut",
    "ff",
    "bram18",
    "dsp",
    "energy_uj",
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
    surpassed: bool = False
    """Whether a later step changed the network."""

    @property
    def examples(self) -> float:
        """How many examples it was found on; as good as any where nobody has said."""
        return math.inf if self.metric.count is None else self.metric.count


def headlines(record: Run) -> list[Figure]:
    """Return the last word on each headline metric; of one network, that on the most examples.

    A network that is right on 100 simulated images and was measured on 10,000 before is told by the 10,000.
    """
    found: dict[str, Figure] = {}
    for step in record.steps:
        if _changes(step):
            found = {name: replace(figure, surpassed=True) for name, figure in found.items()}
        whole = {metric.name: metric for metric in step.whole}
        for name, metric in whole.items():
            used = whole.get(f"{name}_used")
            figure = Figure(step=step.name, metric=metric, used=used.value if used else None)
            before = found.get(name)
            if before is None or before.surpassed or figure.examples >= before.examples:
                found[name] = figure
    if not any(name in found for name in JUDGED):
        return [found[name] for name in (*VALIDATED, *HEADLINES) if name in found][:MOST]
    return [found[name] for name in HEADLINES if name in found][:MOST]


def _changes(step: StepRecord) -> bool:
    """Whether the network computes something else after a step: integers compute what they were lowered from."""
    trained = "train" in step.verbs or "compress" in step.verbs
    return trained and step.outcome.artifact.form is not Form.DATAFLOW


def accuracies(record: Run) -> Iterator[Figure]:
    """Yield, after each step that judged the model, the metric that tells most."""
    for step in record.steps:
        found = {metric.name: metric for metric in step.whole}
        name = next((name for name in JUDGED if name in found), None)
        if name:
            yield Figure(step=step.name, metric=found[name])
