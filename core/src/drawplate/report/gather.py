# SPDX-License-Identifier: Apache-2.0
"""Accuracy and speed of everything in a record: a run's model, the cells of a sweep, the front of a search."""

from __future__ import annotations

from collections.abc import Iterator

from drawplate.metric import Metric
from drawplate.report.charts.rates import Rate
from drawplate.report.record import Record, Run, Sweep
from drawplate.report.searches import Search, search_of
from drawplate.report.summary import headlines
from drawplate.report.sweeps import named, points

SPEEDS = ("fps", "throughput")


def _judged(record: Record, metric: Metric) -> str:
    """Name the data and the split that an accuracy was found on."""
    name = record.data.name if isinstance(record, Run) and record.data else record.flow.get("data", {}).get("name", "")
    return f"{name or 'unnamed data'}, {metric.split or 'test'} split"


def rates_of(record: Record) -> Iterator[Rate]:
    """Yield what has both an accuracy and a rate."""
    if isinstance(record, Sweep):
        yield from _of_sweep(record)
        return
    for step in record.steps:
        search = search_of(step.outcome.tables)
        if search:
            yield from _of_search(record, search)
    found = {figure.metric.name: figure.metric for figure in headlines(record)}
    if "top1" in found and "fps" in found:
        yield Rate(
            group=record.id,
            label=record.id,
            fps=found["fps"].value,
            top1=found["top1"].value,
            source=found["fps"].source,
            judged=_judged(record, found["top1"]),
        )


def _of_sweep(record: Sweep) -> Iterator[Rate]:
    found = points(record)
    top1, fps = named(found, "top1"), named(found, "fps")
    for point in found if top1 and fps else ():
        accuracy, rate = point.mean(top1 or ""), point.mean(fps or "")
        if accuracy is not None and rate is not None:
            source = point.metrics[fps or ""][0].source
            judged = _judged(record, point.metrics[top1 or ""][0])
            yield Rate(group=record.id, label=point.label, fps=rate, top1=accuracy, source=source, judged=judged)


def _of_search(record: Run, search: Search) -> Iterator[Rate]:
    error = next((name for name in search.objectives if name.rpartition(".")[2] == "error"), None)
    latency = next((name for name in search.sources if name.rpartition(".")[2] == "latency_ms"), None)
    if error is None or latency is None:
        return
    for row in search.candidates:
        if row.front:
            yield Rate(
                group=f"{record.id}, front",
                label=row.key,
                fps=1e3 / row.metrics[latency].value,
                top1=100 - row.metrics[error].value,
                source=search.sources[latency],
                judged=_judged(record, row.metrics[error]),
            )
