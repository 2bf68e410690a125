# SPDX-License-Identifier: Apache-2.0
"""Locks that end with their process, however it ends."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drawplate.errors import StoreError
from drawplate.store import atomic

_log = logging.getLogger("drawplate.store")


class Busy(StoreError):
    """Somebody else holds a lock."""


@contextmanager
def locked(path: Path, *, wait: bool = True, waiting: str = "") -> Iterator[None]:
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
                lock.acquire(timeout=0)
            except Timeout as error:
                if not wait:
                    raise Busy("is held by another process", where=str(path)) from error
                if waiting:
                    _log.warning(waiting)
                lock.acquire()
        yield
    finally:
        lock.release()
