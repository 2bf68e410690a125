# SPDX-License-Identifier: Apache-2.0
"""A run's folder: its whole story in files that a person can read.

::

    STORE/runs/ID/run.json             the record: of the last complete run, or of the last attempt until there is one
    STORE/runs/ID/steps/NN-NAME.json   what its steps gave
    STORE/runs/ID/attempt/             the same of an attempt after a complete run, until it is complete itself
    STORE/runs/ID/log.txt              and traceback.txt after a failure
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from drawplate.errors import StoreError
from drawplate.store import Store, atomic, sealed

DONE: Final = "done"
DOING: Final = "doing.json"
AT_WORK: Final = ("planning", "running")
KILLED: Final = "killed"
"""What is said of a run that nobody is at work on, and that did not say how it ended."""


@frozen
class RunFolder:
    """One run's or one sweep's."""

    path: Path
    place: Path
    """Where the attempt that is under way is written down."""

    @classmethod
    def of(cls, store: Store, run_id: str) -> RunFolder:
        """Open a run's folder for an attempt; the record of a complete run stays until the attempt is complete.

        Whoever calls holds the run's lock.
        """
        path = store.folder("runs", run_id)
        finish(path)
        shutil.rmtree(path / "attempt", ignore_errors=True)
        return cls(path, path / "attempt" if _is_complete(path) else path)

    def write_run(self, record: Mapping[str, Any]) -> None:
        """Replace the attempt's record; a complete one replaces that of the last complete run."""
        sealed.write_record(self.place / "run.json", record)
        if record["status"] == DONE:
            finish(self.path)

    def write_step(self, number: int, name: str, record: Mapping[str, Any]) -> None:
        """Write what a step gave."""
        sealed.write_record(self.place / "steps" / _step_name(number, name), record)

    def write_doing(self, number: int, name: str, use: str, work: Path) -> None:
        """Say which step is computed, and in which work folder, for those who watch."""
        record = {"number": number, "name": name, "use": use, "work": work.name}
        sealed.write_record(self.path / DOING, record)

    def write_traceback(self, text: str) -> Path:
        """Keep a traceback, and return where."""
        path = self.path / "traceback.txt"
        atomic.write_bytes(path, text.encode())
        return path

    @contextmanager
    def logging(self) -> Iterator[None]:
        """Append what is logged to ``log.txt``."""
        logger = logging.getLogger("drawplate")
        with atomic.writing(self.path / "log.txt"):
            handler = logging.FileHandler(self.path / "log.txt", encoding="utf-8", errors="backslashreplace")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        before = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before)
            handler.close()


def _step_name(number: int, name: str) -> str:
    return f"{number:02}-{name}.json"


def finish(path: Path) -> None:
    """Put a complete attempt in the place of the run before.  A kill in the middle of this loses nothing."""
    attempt = path / "attempt"
    if not _is_complete(attempt):
        return
    with atomic.writing(path):
        (path / "steps").mkdir(exist_ok=True)
        atomic.clear(path / "run.json")
        for step in (attempt / "steps").glob("*.json"):
            atomic.clear(path / "steps" / step.name)
            os.replace(step, path / "steps" / step.name)  # noqa: PTH105 - over what is there
        os.replace(attempt / "run.json", path / "run.json")  # noqa: PTH105
        shutil.rmtree(attempt)


def read_record(path: Path) -> dict[str, Any]:
    """Return a run's record.

    A later attempt that is not complete is under ``later``.  A run that says it is at work while nobody holds its
    lock was ``killed``.

    Raises:
        FileNotFoundError: when there is none.
        Damaged: when it is not what was written.
    """
    record, attempt = _read(path / "run.json"), _read(path / "attempt" / "run.json")
    if record is None and attempt is None:
        raise FileNotFoundError(path / "run.json")
    if record is None or (attempt is not None and attempt["status"] == DONE):
        record, attempt = attempt or {}, None
    for found in (record, attempt):
        if found and found["status"] in AT_WORK and not is_at_work(path):
            found["status"] = KILLED
    if attempt is not None:
        record["later"] = {key: attempt.get(key) for key in ("status", "error", "started", "updated")}
    return record


def read_steps(path: Path, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the steps of a record gave, in order.

    Raises:
        Damaged: when one is not what was written.
    """
    started, found = record.get("started"), {}
    for folder in (path / "steps", path / "attempt" / "steps"):
        for file in sorted(folder.glob("*.json")):
            step = sealed.read_record(file, strict=False)
            if file.name != _step_name(step.get("number", 0), step.get("name", "")):
                raise sealed.Damaged("is the record of another step", where=str(file))
            if step.get("attempt", started) == started:
                found[file.name] = step
    return [found[name] for name in sorted(found)]


def read_doing(path: Path) -> dict[str, Any] | None:
    """Return the step that is computed now, and its work folder; None where nobody is at work."""
    try:
        found = sealed.read_record(path / DOING)
    except (FileNotFoundError, sealed.Damaged):
        return None
    return {**found, "work": path.parent.parent / "work" / found["work"]} if is_at_work(path) else None


def is_at_work(path: Path) -> bool:
    """Whether a process holds a run's lock; where that cannot be found out, its record is believed."""
    store = Store(path.parent.parent)
    if not store.lock_path(f"run-{path.name}").exists():
        return False
    try:
        with store.lock(f"run-{path.name}", wait=False):
            return False
    except StoreError:
        return True


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = sealed.read_record(path, strict=False)
    except FileNotFoundError:
        return None
    run = path.parent.parent if path.parent.name == "attempt" else path.parent
    moved = run.parent.name != "runs"  # to where somebody keeps it under another name
    if not {"id", "status"} <= set(found) or not (moved or found["id"] == run.name):
        raise sealed.Damaged("is not the record of this run", where=str(path))
    return found


def _is_complete(folder: Path) -> bool:
    try:
        found = _read(folder / "run.json")
    except sealed.Damaged:
        return False
    return found is not None and found.get("status") == DONE


def now() -> str:
    """The time, as records write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
