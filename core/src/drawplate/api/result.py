# SPDX-License-Identifier: Apache-2.0
"""A run, to work with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.api import html
from drawplate.api.drawn import figures_of, frame, write_report
from drawplate.artifact import Artifact, Candidate
from drawplate.build import Build
from drawplate.errors import FlowError, nearest
from drawplate.metric import Metric
from drawplate.report.figures import format_metric
from drawplate.report.record import Run
from drawplate.report.rows import header, rows
from drawplate.report.summary import headlines
from drawplate.store.run_records import StepRecord

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@frozen
class Metrics(Mapping[str, Metric]):
    """Metrics of whole models by ``step.metric``; a metric's name alone means that of the last step that found it."""

    found: Mapping[str, Metric]

    def __getitem__(self, name: str) -> Metric:
        if name in self.found:
            return self.found[name]
        matches = [full for full in self.found if full.rpartition(".")[2] == name]
        if not matches:
            words = {*self.found, *(full.rpartition(".")[2] for full in self.found)}
            meant = nearest(name, words)
            raise KeyError(f"{name!r}; did you mean {meant!r}?" if meant else f"{name!r}; there are {sorted(words)}")
        return self.found[matches[-1]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def value(self, name: str) -> float:
        """Return the number alone.

        Raises:
            KeyError: when there is no such metric.
        """
        return self[name].value

    def __repr__(self) -> str:
        return "\n".join(f"{name:<28} {format_metric(metric)}" for name, metric in self.found.items())

    def _repr_html_(self) -> str:
        body = [(name, format_metric(m), m.source.value, m.note) for name, m in self.found.items()]
        return html.table(("metric", "value", "source", "note"), body)


@frozen(repr=False)
class StepResult:
    """What one step gave."""

    record: StepRecord

    @property
    def metrics(self) -> Metrics:
        """Metrics of the whole model, by name."""
        return Metrics({metric.name: metric for metric in self.record.whole})

    @property
    def artifact(self) -> Artifact:
        """The model after the step."""
        return self.record.outcome.artifact

    @property
    def build(self) -> Build | None:
        """What it made for its target; None where it made nothing."""
        return self.record.outcome.build

    @property
    def front(self) -> tuple[Candidate, ...]:
        """What a search found: mutually non-dominated models with their metrics and genomes."""
        return self.record.outcome.front

    @property
    def curves(self) -> Mapping[str, tuple[tuple[float, float], ...]]:
        """Series by name: (x, value) pairs, as the loss by epoch."""
        return self.record.outcome.curves

    @property
    def tables(self) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
        """Rows that the step recorded, by the table's name; ``layers`` says what its layers are."""
        return self.record.outcome.tables

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know."""
        return self.record.outcome.notes

    @property
    def options(self) -> Mapping[str, Any]:
        """Its options, defaults included."""
        return self.record.options

    def table(self, name: str) -> pd.DataFrame:
        """Return a recorded table as a pandas data frame.

        Raises:
            ToolMissing: when pandas is not installed.
            FlowError: when the step recorded no such table.
        """
        if name not in self.tables:
            raise FlowError(
                f"recorded no table {name!r}", where=self.record.name, allowed=sorted(self.tables) or "none"
            )
        rows_of = self.tables[name]
        columns = tuple(dict.fromkeys(key for row in rows_of for key in row))
        return frame(columns, [tuple(row.get(column) for column in columns) for row in rows_of])

    def __repr__(self) -> str:
        return f"step {self.record.name}, {self.record.seconds:.1f} s of work\n{self.metrics!r}"

    def _repr_html_(self) -> str:
        return self.metrics._repr_html_()


@frozen(repr=False)
class RunResult:
    """A finished run; :func:`drawplate.run` and :func:`drawplate.load` return it."""

    folder: Path
    """Where its record is."""
    record: Run

    @property
    def id(self) -> str:
        """Its name in the store."""
        return self.record.id

    @property
    def steps(self) -> dict[str, StepResult]:
        """What each step gave, by name, in order."""
        return {step.name: StepResult(step) for step in self.record.steps}

    def __getitem__(self, name: str) -> StepResult:
        steps = self.steps
        if name not in steps:
            raise FlowError(f"has no step {name!r}", where=self.id, allowed=steps, meant=nearest(name, steps))
        return steps[name]

    @property
    def metrics(self) -> Metrics:
        """Metrics of whole models by ``step.metric``; ``metrics["top1"]`` is the last step's."""
        return Metrics({f"{step.name}.{metric.name}": metric for step in self.record.steps for metric in step.whole})

    @property
    def artifact(self) -> Artifact:
        """The model after the last step: ``result.artifact.path`` is an ONNX file, ``.proto()`` reads it.

        Raises:
            FlowError: when the run gave none.
        """
        if not self.record.steps:
            raise FlowError("has no finished step", where=self.id)
        return self.record.steps[-1].outcome.artifact

    @property
    def front(self) -> tuple[Candidate, ...]:
        """The front of the last search."""
        return next((step.outcome.front for step in reversed(self.record.steps) if step.outcome.front), ())

    def to_pandas(self) -> pd.DataFrame:
        """Return every figure, those of layers and of members of a front too, one a row.

        Raises:
            ToolMissing: when pandas is not installed.
        """
        return frame(header(self.record), rows(self.record))

    @property
    def figures(self) -> dict[str, go.Figure]:
        """The charts of the report by name, as plotly's figures.

        Raises:
            ToolMissing: when plotly is not installed.
        """
        return figures_of(self.folder)

    def report(self, path: str | Path = "report.html") -> Path:
        """Write the report, one HTML file that needs nothing else, and return where."""
        return write_report([self.folder], Path(path))

    def export(self, folder: str | Path, step: str | None = None) -> Path:
        """Write what a step made into a folder of its own, with a README; see ``drawplate export``.

        Args:
            folder: a new one, or an empty one.
            step: its name; the last that made something where left out.

        Raises:
            DrawplateError: when there is no such step, or the folder holds something.
        """
        from drawplate.export import export

        return export(self.record, Path(folder), step)

    def __repr__(self) -> str:
        lines = [f"run {self.id}: {self.record.status}"]
        lines += [f"  {figure.metric.name:<18} {format_metric(figure.metric)}" for figure in headlines(self.record)]
        return "\n".join([*lines, f"  {self.folder}"])

    def _repr_html_(self) -> str:
        body = [(f.metric.name, format_metric(f.metric), f.metric.source.value, f.step) for f in headlines(self.record)]
        return html.table(("metric", "value", "source", "step"), body, f"{self.id}: {self.record.status}")
