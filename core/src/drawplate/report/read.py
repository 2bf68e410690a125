# SPDX-License-Identifier: Apache-2.0
"""Finding runs in a store and reading their records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from drawplate.errors import FlowError, StoreError, nearest
from drawplate.flow.folder import read_record, read_steps
from drawplate.store import Store
from drawplate.store.plain import figures


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
        return folders[-1]
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


def read_run(folder: Path) -> dict[str, Any]:
    """Return a run's record with its steps; a sweep's record has ``cells`` instead.

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


def with_runs(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a sweep's record with ``curves`` of every cell, by step, and ``versions``; a run's as it is."""
    if "cells" not in record:
        return record
    folders = [Path(record["folder"]).parent / cell["run"] for cell in record["cells"]]
    cells = [{**cell, "curves": _curves(folder)} for cell, folder in zip(record["cells"], folders, strict=True)]
    first = next((read_record(folder) for folder in folders if (folder / "run.json").is_file()), {})
    return {**record, "cells": cells, "versions": first.get("versions", {})}


def _curves(folder: Path) -> dict[str, Any]:
    steps = read_run(folder)["steps"] if (folder / "run.json").is_file() else ()
    outcomes = {step["name"]: step["outcomes"][step["chosen"]] for step in steps}
    return {name: outcome["curves"] for name, outcome in outcomes.items() if outcome.get("curves")}


def list_runs(store: Store) -> list[dict[str, Any]]:
    """Return one row per run, the latest last."""
    return [_row(folder) for folder in run_folders(store)]


def _row(folder: Path) -> dict[str, Any]:
    try:
        record = read_record(folder)
    except (StoreError, OSError) as error:
        record = {"id": folder.name, "status": "damaged", "error": str(error)}
    return {key: record.get(key) for key in ("id", "file", "status", "started", "updated", "error", "later")}
