# SPDX-License-Identifier: Apache-2.0
"""Programs that run beside what their caller does, and end early where that ends early."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from attrs import field, frozen

Answer = TypeVar("Answer")
Given = ParamSpec("Given")


class Ended(Exception):
    """Raised in a thread of a crew that was sent home."""


@frozen(eq=False)
class Crew:
    """Threads, each of which waits for a program."""

    _pool: ThreadPoolExecutor
    _over: threading.Event = field(factory=threading.Event)

    def submit(self, function: Callable[Given, Answer], *given: Given.args, **named: Given.kwargs) -> Future[Answer]:
        """Call a function in a thread as soon as one is free, in the order of calls."""
        return self._pool.submit(function, *given, **named)

    def look(self) -> None:
        """Go on, or end: ``during`` of :func:`drawplate.processes.run`.

        Raises:
            Ended: when nobody waits for the answer any more; the program is killed.
        """
        if self._over.is_set():
            raise Ended

    def end(self) -> None:
        """Begin nothing more, and have what runs end within :data:`drawplate.processes.complete.TICK`."""
        self._over.set()
        self._pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def crew(workers: int | None = None) -> Iterator[Crew]:
    """Open a crew; when the block is left by an exception, its programs are killed.

    Args:
        workers: threads; None for one per core.
    """
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        found = Crew(pool)
        try:
            yield found
        except BaseException:
            found.end()
            raise
