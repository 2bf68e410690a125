# SPDX-License-Identifier: Apache-2.0
"""A limit of time, and how far a search has come."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

from attrs import field, frozen

Tell = Callable[[float, str], None]
"""Told by what part a search has moved on, and what is looked at."""


def quiet(_part: float, _said: str) -> None:
    """Tell nobody."""


@frozen
class Clock:
    """Processor seconds that a search may take, from when the clock was made: a busy machine ends it no earlier."""

    seconds: float = inf
    started: float = field(factory=time.process_time)
    began: float = field(factory=time.perf_counter)
    """The same on the wall."""

    @property
    def left(self) -> float:
        """Seconds left, none below zero."""
        return max(0.0, self.started + self.seconds - time.process_time())

    @property
    def wall(self) -> float:
        """Seconds on the wall in which those left will pass, if the machine stays as busy as it was until now."""
        used, passed = time.process_time() - self.started, time.perf_counter() - self.began
        return self.left * (max(1.0, passed / used) if used > 0 else 1.0)

    @property
    def over(self) -> bool:
        """Whether none are left."""
        return self.left <= 0
