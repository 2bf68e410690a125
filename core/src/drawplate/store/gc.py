# SPDX-License-Identifier: Apache-2.0
"""Removing what no run refers to and nobody used lately."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from drawplate.errors import StoreError
from drawplate.store import atomic, sealed
from drawplate.store.layout import Store
from drawplate.store.lock import Busy
from drawplate.store.records import digests_in
from drawplate.store.verified import DAY

DIGITS: Final = 64
"""Of a digest, in hexadecimal."""


def collect(store: Store, *, dry_run: bool = False, derived: bool = False, older_than: float = 14) -> dict[str, int]:
    """Remove models, builds and results that no run folder names, and work folders that are left over.

    Args:
        store: where.
        dry_run: only count.
        derived: remove derived data as well.
        older_than: days; what was written or used since is spared, with all it names.

    Returns:
        ``files`` and ``bytes`` removed.

    Raises:
        StoreError: when a run is going on in this store, or what a run names cannot be read.
    """
    with ExitStack() as stack:
        try:
            for run in sorted((store.root / "runs").glob("*")):
                stack.enter_context(store.lock(f"run-{run.name}", wait=False))
        except Busy as error:
            raise StoreError("a run is going on", where=str(store.root), hint="wait until it has ended") from error
        garbage = _Sweeper(store, time.time() - older_than * DAY).garbage(derived=derived)
        sizes = [path.stat().st_size for entry in garbage for path in _files(entry)]
        if not dry_run:
            for entry in garbage:
                with atomic.writing(entry):
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink(missing_ok=True)
        return {"files": len(sizes), "bytes": sum(sizes)}


def _is_strange(path: Path) -> bool:
    """Whether something lies among the models that is none of the store's."""
    return path.suffix == ".onnx" and len(path.stem) != DIGITS


def _files(entry: Path) -> list[Path]:
    return [path for path in entry.rglob("*") if path.is_file()] if entry.is_dir() else [entry]


@define
class _Sweeper:
    """Decides what lives: all that a record or a young result names, and what is young itself."""

    store: Store
    since: float
    """What was written or used since this time is young."""
    models: set[str] = field(factory=set)
    builds: set[str] = field(factory=set)

    def garbage(self, *, derived: bool) -> list[Path]:
        root = self.store.root
        for record in _records(root):
            self._keep(record)
        results = {path: _read(path) for path in sorted(root.glob("results/*.json"))}
        for path, result in results.items():
            if result is not None and self._young(path):
                self._keep(result)
        found = [path for path in root.glob("objects/*/*.onnx") if path.stem not in self.models]
        found += [path for path in root.glob("builds/*") if path.name not in self.builds]
        found += [*root.glob("work/*"), *root.glob("**/.tmp-*"), *(root.glob("derived/*/*") if derived else ())]
        useless = [path for path, result in results.items() if result is None or not self._lives(result)]
        return useless + [path for path in found if not self._young(path) or _is_strange(path)]

    def _keep(self, outcome: Mapping[str, Any]) -> None:
        models, builds = digests_in(outcome)
        self.models |= models
        self.builds |= builds

    def _lives(self, outcome: Mapping[str, Any]) -> bool:
        models, builds = digests_in(outcome)
        return models <= self.models and builds <= self.builds

    def _young(self, path: Path) -> bool:
        newest = max((file.stat().st_mtime for file in _files(path)), default=path.stat().st_mtime)
        return newest >= self.since


def _records(root: Path) -> Iterator[Mapping[str, Any]]:
    """Yield every outcome that a run names, those of attempts that were not complete too."""
    for pattern in ("runs/*/run.json", "runs/*/attempt/run.json"):
        for path in root.glob(pattern):
            for artifact in _named(path).get("models", {}).values():
                yield {"artifact": artifact, "front": [], "build": None}
    for pattern in ("runs/*/steps/*.json", "runs/*/attempt/steps/*.json"):
        for path in root.glob(pattern):
            yield from _named(path)["outcomes"]


def _named(path: Path) -> dict[str, Any]:
    try:
        return sealed.read_record(path, strict=False)
    except sealed.Damaged as error:
        folder = next(parent for parent in path.parents if parent.parent.name == "runs")
        raise StoreError(
            f"{error.what}, so it is not known what the run needs",
            where=error.where,
            hint=f"run its flow again, or remove the folder {folder}; nothing was removed",
        ) from error


def _read(path: Path) -> dict[str, Any] | None:
    """Return a result; None for a damaged one, which is computed again anyway."""
    try:
        return sealed.read_record(path)
    except (sealed.Damaged, FileNotFoundError):
        return None
