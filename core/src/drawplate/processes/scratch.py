# SPDX-License-Identifier: Apache-2.0
"""Temporary folders that a kill does not leave behind for good: the next process removes them."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

PREFIX: Final = "drawplate-"
_LOCK: Final = ".owner"
"""Locked as long as the folder's owner lives."""


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Make a temporary folder, and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=scratch_root(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def scratch_root() -> Path:
    """Return this process's folder for all that is temporary; it goes when the process ends."""
    return _root(os.getpid(), tempfile.gettempdir())


@cache
def _root(owner: int, parent: str) -> Path:
    _remove_leftovers(Path(parent))
    unlocked = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=parent))
    lock = FileLock(unlocked / _LOCK)
    lock.acquire()
    folder = unlocked.rename(unlocked.with_name(unlocked.name[1:]))  # nobody takes it for a leftover before
    atexit.register(_remove, owner, folder, lock)
    return folder


def _remove(owner: int, folder: Path, lock: FileLock) -> None:
    if os.getpid() == owner:  # a fork inherits what is registered
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def _remove_leftovers(parent: Path) -> None:
    """Remove the folders of those who were killed."""
    for folder in parent.glob(f"{PREFIX}*"):
        path = folder / _LOCK
        with contextlib.suppress(OSError, Timeout):
            if path.is_file():
                with FileLock(path, timeout=0):  # refused for a file of somebody else's as well
                    shutil.rmtree(folder, ignore_errors=True)
