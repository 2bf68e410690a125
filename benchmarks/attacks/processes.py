# SPDX-License-Identifier: Apache-2.0
"""Command lines that carry a mark, so that all that they started can be found again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from attrs import define, field

MARK = "DRAWPLATE_ATTACK"
ORPHANED = 5.0
"""Seconds after the end of a process by which all that it started has to be gone."""


@define
class Command:
    """One run of the command line, in a process group of its own."""

    arguments: Sequence[str]
    folder: Path
    environment: dict[str, str] = field(factory=dict)
    mark: str = field(factory=lambda: uuid.uuid4().hex)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "drawplate", *self.arguments],
            cwd=self.folder,
            env={**os.environ, MARK: self.mark, "DRAWPLATE_STORE": str(self.folder / "store"), **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, seconds: float = 600) -> tuple[int, str, float]:
        """Run to the end; returns exit code, standard error and seconds."""
        started = time.monotonic()
        self.start()
        assert self.process is not None
        _, said = self.process.communicate(timeout=seconds)
        return self.process.returncode, said, time.monotonic() - started

    def ended_within(self, seconds: float) -> bool:
        """Wait for the end."""
        assert self.process is not None
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def left_over(self, wait: float = ORPHANED) -> list[int]:
        """Return the processes that are still there some seconds after the end of the first."""
        deadline = time.monotonic() + wait
        while (found := self._marked()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def clean(self) -> None:
        """Kill all that is left, so that one attempt does not disturb the next."""
        for number in self._marked():
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def _marked(self) -> list[int]:
        wanted = f"{MARK}={self.mark}".encode()
        numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
        return [number for number in numbers if _has(number, wanted)]


def _has(number: int, wanted: bytes) -> bool:
    try:
        place = Path(f"/proc/{number}")
        return wanted in (place / "environ").read_bytes() and "Z" not in (place / "stat").read_text().split()[2]
    except OSError:
        return False
