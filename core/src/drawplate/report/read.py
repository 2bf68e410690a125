# SPDX-License-Identifier: Apache-2.0
"""Finding runs in a store and reading their records."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import evolve, fields_dict, frozen

from drawplate.artifact import Artifact, Form
from drawplate.errors import FlowError, StoreError, nearest
from drawplate.flow.folder import read_doing, read_record, read_steps
from drawplate.notebook import Notebook
from drawplate.outcome import Outcome
from drawplate.report.record import Curves, Later, Record, Run, Sweep, typed
from drawplate.store import Store
from drawplate.store.plain import figures
from drawplate.store.run_records import StepRecord


def run_folders(store: Store) -> list[Path]:
    """Return the folders of all runs and sweeps, in the order in which they were started last."""
    found = {
        path.parent for pattern in ("*/run.json", "*/attempt/run.json") for path in store.root.glob(f"runs/{pattern}")
    }
    return sorted({folder.parent if folder.name == "attempt" else folder for folder in found}, key=_started)


def _started(folder: Path) -> tuple[float, str]:
    """When a run was started; what is damaged comes first."""
    try:
        record = read_record(folder)
        text = (record.get("later") or record)["started"]
        return datetime.fromisoformat(text).timestamp(), folder.name
    except (StoreError, OSError, TypeError, ValueError):
        return 0.0, folder.name


def find_run(store: Store, name: str) -> Path:
    """Return the folder of a run given by its id, the beginning of one, its folder, or ``last``.

    Raises:
        FlowError: when there is none, or more than one.
    """
    folders = run_folders(store)
    if Path(name, "run.json").is_file():
        return Path(name)
    if name == "last" and folders:
        return folders[-1] if not _sweep_of(folders[-1]) else _last(store)
    exact = [folder for folder in folders if folder.name == name]
    matches = exact or [folder for folder in folders if folder.name.startswith(name)]
    if len(matches) == 1:
        return matches[0]
    names = sorted(folder.name for folder in (matches or folders))
    raise FlowError(
        f"{len(matches)} runs are called {name!r}" if matches else f"there is no run {name!r}",
        where=str(store.root),
        allowed=names or "no runs yet",
        meant=nearest(name, names),
        hint="drawplate show lists the runs",
    )


def _last(store: Store) -> Path:
    """Return the run that somebody started last: a run of a sweep is not what its user thinks of."""
    return store.root / "runs" / list_runs(store, children=False)[-1].id


def _sweep_of(folder: Path) -> str | None:
    return _row(folder).sweep


@frozen(kw_only=True)
class Listed:
    """A run as a list of all has it; what is damaged has only an id and an error."""

    id: str
    file: str | None = None
    sweep: str | None = None
    """Id of the sweep that it was run for."""
    status: str
    started: str | None = None
    updated: str | None = None
    error: str | None = None
    later: Later | None = None


def run_values(folder: Path) -> dict[str, Any]:
    """Return a run's record with its steps as JSON values; a sweep's record has ``cells`` instead.

    Raises:
        FlowError: when the folder is damaged.
    """
    try:
        record = read_record(folder)
        found: dict[str, Any] = figures({**record, "steps": read_steps(folder, record)})
        return {**found, "folder": str(folder)}
    except StoreError as error:
        raise FlowError(error.what, where=error.where, hint="run the flow again") from error
    except OSError as error:
        raise FlowError(f"cannot be read: {error.strerror}", where=str(folder), hint="run the flow again") from error


def read_run(folder: Path) -> Record:
    """Return the record of a run or a sweep.

    Raises:
        FlowError: when the folder is damaged.
    """
    try:
        return typed(run_values(folder), folder)
    except StoreError as error:
        raise FlowError(error.what, where=error.where, hint="run the flow again") from error


def read_now(folder: Path) -> tuple[Record, bool]:
    """Return the record of a run with what its step under way wrote down so far, and whether there is one.

    Raises:
        FlowError: when the folder is damaged.
    """
    record, doing = read_whole(folder), read_doing(folder)
    if doing is None or isinstance(record, Sweep):
        return record, doing is not None
    pages = Notebook(doing["work"] / "notebook.jsonl").read()
    nothing = Artifact(path=folder, digest="", form=Form.FLOAT, inputs=(), outputs=(), opsets={})
    outcome = Outcome(artifact=nothing, curves=pages.curves, tables=pages.tables, notes=pages.notes)
    step = StepRecord(number=doing["number"], name=doing["name"], use=doing["use"], outcomes=(outcome,))
    return evolve(record, steps=(*(one for one in record.steps if one.number < step.number), step)), True


def read_whole(folder: Path) -> Record:
    """Return a record, a sweep's with the curves and the versions of its runs.

    Raises:
        FlowError: when the folder is damaged.
    """
    record = read_run(folder)
    if not isinstance(record, Sweep):
        return record
    runs = [_run_in(folder.parent / cell.run) for cell in record.cells]
    cells = (evolve(cell, curves=_curves(run)) for cell, run in zip(record.cells, runs, strict=True))
    first = next((run for run in runs if run), None)
    return evolve(record, cells=tuple(cells), versions=first.versions if first else {})


def _run_in(folder: Path) -> Run | None:
    found = read_run(folder) if (folder / "run.json").is_file() else None
    return found if isinstance(found, Run) else None


def _curves(run: Run | None) -> dict[str, Curves]:
    return {step.name: step.outcome.curves for step in run.steps if step.outcome.curves} if run else {}


def list_runs(store: Store, *, children: bool = True) -> list[Listed]:
    """Return one row per run, the latest last.

    Args:
        store: where.
        children: whether runs are listed that a sweep made and nobody has started since.
    """
    rows = [_row(folder) for folder in run_folders(store)]
    sweeps = {row.id for row in rows}
    return [row for row in rows if children or row.sweep not in sweeps]


def _row(folder: Path) -> Listed:
    try:
        record = read_record(folder)
    except (StoreError, OSError) as error:
        return Listed(id=folder.name, status="damaged", error=str(error))
    later = record.get("later")
    found: dict[str, Any] = {name: record.get(name) or None for name in fields_dict(Listed)}
    return Listed(**{**found, "later": Later(**later) if later else None})
