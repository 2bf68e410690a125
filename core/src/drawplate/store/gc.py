# SPDX-License-Identifier: Apache-2.0
"""Removing what no run refers to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from filelock import Timeout

from drawplate.errors import StoreError
from drawplate.store.layout import Store
from drawplate.store.records import digests_in


def collect(store: Store, *, dry_run: bool = False, derived: bool = False) -> dict[str, int]:
    """Remove models, builds and results that no run folder names, and work folders that are left over.

    Args:
        store: where.
        dry_run: only count.
        derived: remove derived data as well.

    Returns:
        ``files`` and ``bytes`` removed.

    Raises:
        StoreError: when a run is going on in this store.
    """
    locks = [store.lock(f"run-{run.name}") for run in (store.root / "runs").glob("*")]
    try:
        for lock in locks:
            lock.acquire(timeout=0)
        garbage = _garbage(store, derived=derived)
        sizes = [path.stat().st_size for entry in garbage for path in _files(entry)]
        if not dry_run:
            for entry in garbage:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        return {"files": len(sizes), "bytes": sum(sizes)}
    except Timeout as error:
        raise StoreError("a run is going on", where=str(store.root), hint="wait until it has ended") from error
    finally:
        for lock in locks:
            lock.release(force=True)


def _files(entry: Path) -> list[Path]:
    return [path for path in entry.rglob("*") if path.is_file()] if entry.is_dir() else [entry]


def _garbage(store: Store, *, derived: bool) -> list[Path]:
    models, builds = _referenced(store)
    garbage = [path for path in store.root.glob("objects/*/*.onnx") if path.stem not in models]
    garbage += [path for path in store.root.glob("builds/*") if path.name not in builds]
    garbage += [path for path in store.root.glob("results/*.json") if not _lives(path, models, builds)]
    garbage += [*store.root.glob("work/*"), *store.root.glob("**/.tmp-*")]
    if derived:
        garbage += store.root.glob("derived/*")
    return garbage


def _referenced(store: Store) -> tuple[set[str], set[str]]:
    models: set[str] = set()
    builds: set[str] = set()
    for path in store.root.glob("runs/*/run.json"):
        models |= {record["digest"] for record in _read(path).get("models", {}).values()}
    for path in store.root.glob("runs/*/steps/*.json"):
        for outcome in _read(path)["outcomes"]:
            more_models, more_builds = digests_in(outcome)
            models |= more_models
            builds |= more_builds
    return models, builds


def _lives(result: Path, models: set[str], builds: set[str]) -> bool:
    its_models, its_builds = digests_in(_read(result))
    return its_models <= models and its_builds <= builds


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
