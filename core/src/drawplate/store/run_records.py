# SPDX-License-Identifier: Apache-2.0
"""What runs and sweeps leave behind: ``run.json`` and ``steps/*.json``, as they are written and read.

Only what a record is told by has to be there: what an older version did not write has its default value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Attribute, field, frozen

from drawplate.artifact import Artifact
from drawplate.metric import Metric
from drawplate.outcome import Outcome


@frozen(kw_only=True)
class DataRecord:
    """The data of a run."""

    name: str
    digest: str = ""
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class StartRecord(Artifact):
    """A model that a flow starts from."""

    changed: tuple[str, ...] = ()
    """What was changed at the door."""


@frozen(kw_only=True)
class RunRecord:
    """A run without its steps."""

    id: str
    file: str = ""
    """Name of the flow's file."""
    flow: Mapping[str, Any] = field(factory=dict)
    """The flow as it was given."""
    seed: int = 0
    sweep: str = ""
    """Id of the sweep that it was run for last; empty for a run of its own."""
    device: str = ""
    data: DataRecord | None = None
    models: Mapping[str, StartRecord] = field(factory=dict)
    """By name."""
    versions: Mapping[str, str] = field(factory=dict)
    """By package."""
    host: str = ""
    status: str
    error: str | None = None
    started: str = ""
    """ISO 8601, as ``updated``."""
    updated: str = ""


@frozen(kw_only=True)
class StepRecord:
    """What a step of a run gave."""

    attempt: str | None = None
    """When the run was started that it belongs to."""
    number: int = 0
    name: str
    use: str = ""
    on: str = ""
    teachers: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    plugin: Mapping[str, str] = field(factory=dict)
    """What tells its code apart."""
    options: Mapping[str, Any] = field(factory=dict)
    plan_notes: tuple[str, ...] = ()
    seconds: float = 0.0
    """Time spent computing."""
    outcomes: tuple[Outcome, ...]
    """One, or with ``for_each`` one per member of a front."""
    chosen: int = field(default=0)
    """Index of the outcome that later steps went on with."""

    @chosen.validator
    def _check_chosen(self, _: Attribute[int], value: int) -> None:
        if not 0 <= value < len(self.outcomes):
            raise ValueError(f"chosen = {value} is none of its {len(self.outcomes)} outcomes")

    @property
    def outcome(self) -> Outcome:
        """The outcome that later steps went on with."""
        return self.outcomes[self.chosen]

    @property
    def whole(self) -> tuple[Metric, ...]:
        """The metrics of the chosen model as a whole."""
        return tuple(metric for metric in self.outcome.metrics if metric.layer is None)


@frozen
class Axis:
    """One option of a sweep and the values it takes."""

    target: str
    """``step.key``, or ``seed``; options that go together are joined: ``fold.pe+fold.simd``."""
    values: tuple[Any, ...]


@frozen(kw_only=True)
class CellRecord:
    """One run of a sweep."""

    values: tuple[Any, ...]
    """By axis."""
    run: str = ""
    """Id of the run."""
    metrics: Mapping[str, tuple[Metric, ...]] = field(factory=dict)
    """Of the whole model, by step."""
    error: str | None = None


@frozen(kw_only=True)
class SweepRecord:
    """A sweep, with the cells that are finished."""

    id: str
    file: str = ""
    flow: Mapping[str, Any] = field(factory=dict)
    axes: tuple[Axis, ...]
    started: str = ""
    cells: tuple[CellRecord, ...]
    status: str
    updated: str = ""
