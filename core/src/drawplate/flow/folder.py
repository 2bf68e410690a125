# SPDX-License-Identifier: Apache-2.0
"""A run's folder: its whole story in files that a person can read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import frozen

from drawplate.store import Store, atomic


@frozen
class RunFolder:
    """``STORE/runs/ID``: ``run.json``, ``steps/NN-NAME.json``, ``log.txt``, and ``traceback.txt`` after a failure."""

    path: Path

    @classmethod
    def of(cls, store: Store, run_id: str) -> RunFolder:
        """Open a run's folder, made if need be."""
        return cls(store.folder("runs", run_id))

    def write_run(self, record: Mapping[str, Any]) -> None:
        """Replace ``run.json``."""
        atomic.write_json(self.path / "run.json", dict(record))

    def write_step(self, number: int, name: str, record: Mapping[str, Any]) -> None:
        """Write what a step gave."""
        atomic.write_json(self.path / "steps" / f"{number:02}-{name}.json", dict(record))

    def write_traceback(self, text: str) -> Path:
        """Keep a traceback, and return where."""
        path = self.path / "traceback.txt"
        atomic.write_bytes(path, text.encode())
        return path

    def clear_steps(self) -> None:
        """Forget the steps of an earlier attempt; their results stay in the store."""
        for path in (self.path / "steps").glob("*.json"):
            path.unlink()
        (self.path / "traceback.txt").unlink(missing_ok=True)

    def read_run(self) -> dict[str, Any]:
        """Return ``run.json``."""
        found: dict[str, Any] = json.loads((self.path / "run.json").read_text(encoding="utf-8"))
        return found

    def read_steps(self) -> list[dict[str, Any]]:
        """Return what the steps gave, in order."""
        paths = sorted((self.path / "steps").glob("*.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    @contextmanager
    def logging(self) -> Iterator[None]:
        """Append what is logged to ``log.txt``."""
        logger = logging.getLogger("drawplate")
        handler = logging.FileHandler(self.path / "log.txt", encoding="utf-8")
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


def now() -> str:
    """The time, as records write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
