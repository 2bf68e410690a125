# SPDX-License-Identifier: Apache-2.0
"""Locks that end with their process, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drawplate.errors import StoreError
from drawplate.store import atomic


class Busy(StoreError):
    """Somebody else holds a lock."""


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock.

    Raises:
        Busy: when another process holds it and there is no wait.
        StoreError: when the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        with atomic.writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire(timeout=-1 if wait else 0)
            except Timeout as error:
                raise Busy("is held by another process", where=str(path)) from error
        yield
    finally:
        lock.release()
