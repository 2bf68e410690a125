# SPDX-License-Identifier: Apache-2.0
"""Reading files that somebody else named: a file may be a pipe that never ends, or a device."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from drawplate.errors import DrawplateError, nearest

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def read_regular(path: Path, limit: int, error: type[DrawplateError]) -> bytes:
    """Return a file's bytes; never waits, and never reads more than is allowed.

    Args:
        path: the file.
        limit: how many bytes it may have.
        error: what is raised.

    Raises:
        DrawplateError: of the kind given, when it cannot be read, is no regular file, or is larger.
    """
    where = str(path)
    try:
        # Opening a pipe waits for who writes into it, unless told otherwise.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
                raise error(f"cannot be read: it is {kind}", where=where, allowed="a file")
            if found.st_size > limit:
                raise error(f"has {found.st_size:,} bytes", where=where, allowed=f"at most {limit:,}")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(found.st_size)
        finally:
            os.close(descriptor)
    except ValueError as reason:  # a NUL in its name
        raise error(f"cannot be read: {reason}", where=where) from reason
    except OSError as reason:
        raise error(f"cannot be read: {reason.strerror}", where=where, meant=beside(path)) from reason


def beside(path: Path) -> str | None:
    """Return the file of the same kind, in the same folder, whose name is nearest to that of one that is absent."""
    try:
        if path.exists():
            return None
        return nearest(str(path), [str(other) for other in sorted(path.parent.glob(f"*{path.suffix}"))])
    except (OSError, ValueError, NotImplementedError):  # a folder that may not be listed; a name that is no pattern
        return None
