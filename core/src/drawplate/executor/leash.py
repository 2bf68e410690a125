# SPDX-License-Identifier: Apache-2.0
"""What ties worker processes to the one that they work for: a pipe that ends when it lets go, or dies."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from attrs import define, field

ORPHANED = 1
"""Exit status of a worker that nobody is there for any more."""


def _pipe() -> tuple[Connection, Connection]:
    return multiprocessing.Pipe(duplex=False)


@define(eq=False)
class Leash:
    """One end for all workers of a pool, which wait at it; the other for the process that they work for."""

    _ends: tuple[Connection, Connection] = field(factory=_pipe)

    @property
    def end(self) -> Connection:
        """What a worker is given."""
        return self._ends[0]

    def let_go(self) -> None:
        """End the workers, in the middle of whatever they are at."""
        for end in self._ends:
            end.close()


def hold(end: Connection) -> None:
    """Have this process, a worker, end as soon as nobody holds the other end; a Ctrl-C is not for it to heed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_wait, args=(end,), daemon=True).start()


def _wait(end: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        end.recv_bytes()
    os._exit(ORPHANED)


@contextlib.contextmanager
def without_script() -> Iterator[None]:
    """Start workers that know of no script: multiprocessing would have each of them run it once more.

    What workers are sent lives in modules, never in the script.
    """
    main = sys.modules["__main__"]
    kept: dict[str, Any] = {name: vars(main).pop(name) for name in ("__file__", "__spec__") if name in vars(main)}
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(kept)


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Hold a Ctrl-C back while workers are started: they inherit that, until they :func:`hold`."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # unblocks the signal when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
