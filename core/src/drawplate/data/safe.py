# SPDX-License-Identifier: Apache-2.0
"""Files that nobody vouches for: bounded in time and memory before anything of them is unpacked."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from drawplate.errors import DataError
from drawplate.files import beside

EXPANDS = 200
"""Bytes that one compressed byte may become, in anything that is large."""
LARGE = 1 << 28
CONTAINER = Path("/sys/fs/cgroup/memory.max")
"""What a container's processes may have, in bytes."""
UNKNOWN = 1 << 34
"""Bytes of memory where the system does not say how many there are."""


def file_size(path: Path) -> int:
    """Return the size of a regular file, in bytes.

    Raises:
        DataError: when it is absent, a pipe, a device or a folder, or does not fit into memory.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(path), meant=beside(path)) from error
    if not stat.S_ISREG(found.st_mode):
        raise DataError("is no regular file", where=str(path), hint="pipes, devices and folders are not read")
    check_room(found.st_size, str(path))
    return found.st_size


def check_room(wanted: int, where: str, packed: int | None = None) -> None:
    """Refuse what memory has no room for, or what a small file would blow up to.

    Args:
        wanted: bytes in memory.
        where: file, for messages.
        packed: bytes that they come from, where they are compressed.

    Raises:
        DataError: when it is too much.
    """
    if wanted > room():
        raise DataError(
            f"holds {gigabytes(wanted)}, too much for this machine",
            where=where,
            allowed=f"up to {gigabytes(room())}, half of the memory",
            hint="leave items out, or save them in a smaller type",
        )
    if packed is not None and wanted > LARGE and wanted > EXPANDS * packed:
        raise DataError(
            f"becomes {gigabytes(wanted)} out of {packed:,} bytes",
            where=where,
            allowed=f"at most {EXPANDS} times its size",
            hint="if that is right, save it uncompressed",
        )


def room() -> int:
    """Return how many bytes a data set may take: half of the memory that this process may have."""
    return min(_physical(), _granted()) // 2


def _physical() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return UNKNOWN


def _granted() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return UNKNOWN
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    container = CONTAINER.read_text().strip() if CONTAINER.is_file() else "max"
    limits = [limit for limit in (soft, int(container) if container.isdigit() else -1) if limit > 0]
    return min(limits, default=UNKNOWN << 10)


def gigabytes(count: int) -> str:
    """Return a number of bytes as text."""
    return f"{count / 1e9:,.1f} GB"
