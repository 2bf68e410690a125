# SPDX-License-Identifier: Apache-2.0
"""Attacks, and how their outcomes are counted."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import asdict, define

COUNTS = {
    "flows": 300,
    "models": 300,
    "stores": 100,
    "killed runs": 15,
    "killed sweeps": 15,
    "killed searches": 20,
    "killed tools": 10,
    "interrupts": 28,
}
"""How many there are of each, unless told otherwise."""


@define
class Tally:
    """Counts of one attack."""

    tried: int = 0
    refused: int = 0
    """Ended in one message, by plan."""
    fine: int = 0
    """Went on to the right result."""
    losses: int = 0
    """Gave another result, or lost one."""
    orphans: int = 0
    """Processes that were still there 5 s after their parent."""
    tracebacks: int = 0
    hangs: int = 0
    slowest: float = 0.0
    """Seconds."""

    def row(self) -> dict[str, object]:
        return {**asdict(self), "slowest": f"{self.slowest:.1f}"}

    @contextmanager
    def one(self, name: str, *, wants_none: bool = False) -> Iterator[None]:
        """Count one attempt; whatever is no DrawplateError is a traceback."""
        from drawplate.errors import DrawplateError

        self.tried += 1
        started = time.monotonic()
        try:
            yield
            self.fine += 1
        except DrawplateError as error:
            self.tracebacks += not 0 < len(error.message) < 8000
            self.refused += 1
            if wants_none:
                sys.stderr.write(f"{name}: {error.message[:300]}\n")
        except Exception as error:  # noqa: BLE001 - that is the question
            self.tracebacks += 1
            sys.stderr.write(f"{name}: {type(error).__name__}: {str(error)[:300]}\n")
        self.slowest = max(self.slowest, time.monotonic() - started)

    def lost(self, name: str, what: str) -> None:
        self.losses += 1
        sys.stderr.write(f"{name}: {what}\n")
