# SPDX-License-Identifier: Apache-2.0
"""Finding runs in a store and reading their records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drawplate.errors import FlowError, nearest
from drawplate.flow.folder import RunFolder
from drawplate.store import Store


def run_folders(store: Store) -> list[Path]:
    """Return the folders of all runs and sweeps, the latest last."""
    paths = list((store.root / "runs").glob("*/run.json"))
    return [path.parent for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns)]


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
        run = RunFolder(folder)
        return {**run.read_run(), "folder": str(folder), "steps": run.read_steps()}
    except (OSError, ValueError) as error:
        raise FlowError(f"cannot be read: {error}", where=str(folder), hint="run the flow again") from error


def with_runs(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a sweep's record with ``curves`` of every cell, by step, and ``versions``; a run's as it is."""
    if "cells" not in record:
        return record
    folders = [Path(record["folder"]).parent / cell["run"] for cell in record["cells"]]
    cells = [{**cell, "curves": _curves(folder)} for cell, folder in zip(record["cells"], folders, strict=True)]
    first = next((RunFolder(folder).read_run() for folder in folders if (folder / "run.json").is_file()), {})
    return {**record, "cells": cells, "versions": first.get("versions", {})}


def _curves(folder: Path) -> dict[str, Any]:
    outcomes = {step["name"]: step["outcomes"][step["chosen"]] for step in RunFolder(folder).read_steps()}
    return {name: outcome["curves"] for name, outcome in outcomes.items() if outcome.get("curves")}


def list_runs(store: Store) -> list[dict[str, Any]]:
    """Return one row per run, the latest last."""
    rows = []
    for folder in run_folders(store):
        record = read_run(folder)
        rows.append({key: record.get(key) for key in ("id", "file", "status", "started", "updated", "error")})
    return rows
