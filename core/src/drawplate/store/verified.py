# SPDX-License-Identifier: Apache-2.0
"""Whether files are still what was written, asked once per file and process."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import define, field

from drawplate.store import sealed

SUMS: Final = ".sha256.json"
"""In a folder of derived data: hash by file name."""
DAY: Final = 86400


def hash_file(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@define(eq=False)
class Verified:
    """What was found whole, by path: size, time and place on the disk tell whether it was written again since."""

    _found: dict[Path, tuple[str, tuple[int, int, int]]] = field(factory=dict)

    def __reduce__(self) -> tuple[type[Verified], tuple[()]]:
        """Every process looks for itself."""
        return Verified, ()

    def file(self, path: Path, digest: str) -> bool:
        """Whether a file is there and has this hash."""
        try:
            seen = (digest, _signature(path))
            if self._found.get(path) != seen:
                if hash_file(path) != digest:
                    return False
                mark_as_used(path)
                self._found[path] = digest, _signature(path)
        except OSError:
            return False
        return True

    def files(self, folder: Path, digests: Mapping[str, str]) -> bool:
        """Whether a folder holds these files."""
        return folder.is_dir() and all(self.file(folder / name, digest) for name, digest in digests.items())

    def folder(self, path: Path) -> bool:
        """Whether a folder holds what it did when :func:`sum_up` saw it."""
        try:
            sums = sealed.read_record(path / SUMS)
            return bool(sums["name"] == path.name) and self.files(path, sums["files"])
        except (OSError, sealed.Damaged, KeyError):
            return False


def sum_up(folder: Path, name: str) -> None:
    """Write down the hash of every file of a folder, and the name that it will have."""
    files = {path.relative_to(folder).as_posix(): hash_file(path) for path in folder.rglob("*") if path.is_file()}
    sealed.write_record(folder / SUMS, {"name": name, "files": files})


def _signature(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def mark_as_used(path: Path) -> None:
    """Have what is used look young: collecting garbage spares it."""
    if path.stat().st_mtime < time.time() - DAY:
        with suppress(OSError):
            os.utime(path)
