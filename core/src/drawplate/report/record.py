# SPDX-License-Identifier: Apache-2.0
"""Records as reports read them: a run with its steps, a sweep with what its runs recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from attrs import field, frozen

from drawplate.store import Store
from drawplate.store.plain import figures
from drawplate.store.records import read_values
from drawplate.store.run_records import CellRecord, RunRecord, StepRecord, SweepRecord

Curves: TypeAlias = Mapping[str, tuple[tuple[float, float], ...]]
"""Series by name: (x, value) pairs."""


@frozen(kw_only=True)
class Later:
    """An attempt after a complete run that is not complete itself."""

    status: str
    error: str | None = None
    started: str | None = None
    updated: str | None = None


@frozen(kw_only=True)
class Run(RunRecord):
    """A run with its steps."""

    steps: tuple[StepRecord, ...] = ()
    later: Later | None = None
    folder: str = ""
    """Where it lies; empty for a record that is kept elsewhere."""


@frozen(kw_only=True)
class SweptCell(CellRecord):
    """A cell with what its run recorded."""

    curves: Mapping[str, Curves] = field(factory=dict)
    """By step."""


@frozen(kw_only=True)
class Sweep(SweepRecord):
    """A sweep with what its runs recorded."""

    cells: tuple[SweptCell, ...]
    versions: Mapping[str, str] = field(factory=dict)
    """By package."""
    later: Later | None = None


Record: TypeAlias = Run | Sweep


def typed(values: Mapping[str, Any], folder: Path = Path()) -> Record:
    """Make a record of JSON values.

    Args:
        values: as a store has them, the steps under ``steps``.  A sweep has ``cells``.
        folder: of the run.

    Raises:
        StoreError: when they are those of no record.
    """
    numbers: Mapping[str, Any] = figures(values)
    kind: type[Run | Sweep] = Sweep if "cells" in numbers else Run
    return read_values(numbers, kind, str(folder), Store(folder.parent.parent))
