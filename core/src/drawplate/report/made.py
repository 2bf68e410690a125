# SPDX-License-Identifier: Apache-2.0
"""What a run says at its end: the figures that lead, what was made, and where it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from drawplate.report.figures import format_metric, format_number
from drawplate.report.record import Run
from drawplate.report.summary import Figure, headlines
from drawplate.store.run_records import StepRecord


def made_lines(record: Run, folder: Path) -> Iterator[RenderableType]:
    """Yield the lines."""
    yield Text(f"{record.id}: {record.status}", style="bold")
    for figure in headlines(record):
        yield Text(f"   {figure.metric.name:<18} {format_metric(figure.metric)}{_used(figure)}").append(
            f"  {figure_words(figure)}", style="dim"
        )
    for step in record.steps:
        if step.outcome.build:
            yield Text(f"made:    {step.name}: {_files(step)}; drawplate export {record.id} {step.name} -o {step.name}")
    model = next((step.outcome.artifact for step in reversed(record.steps)), None)
    if model:
        yield Text(f"model:   {model.path}")
    yield Text(f"results: {folder}")
    yield Text(f"report:  drawplate report {record.id}")


def figure_words(figure: Figure) -> str:
    """Say which step found a figure, and on how many examples."""
    metric = figure.metric
    return f"{figure.step}, {metric.count:,} of {metric.split}" if metric.count and metric.split else figure.step


def _used(figure: Figure) -> str:
    return "" if figure.used is None else f" ({format_number(round(figure.used, 1))} % of the target)"


def _files(step: StepRecord) -> str:
    build = step.outcome.build
    assert build is not None
    sizes = [path.stat().st_size for name in build.files if (path := build.path(name)).is_file()]
    return f"{len(build.files)} file{'s' if len(build.files) != 1 else ''}, {sum(sizes) / 1e6:.2g} MB"
