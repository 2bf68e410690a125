# SPDX-License-Identifier: Apache-2.0
"""Writes that are either complete or not there."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drawplate.errors import StoreError
from drawplate.store.plain import plain


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the place where something could not be written: the disk is full, or may only be read.

    Raises:
        StoreError: in place of an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"cannot be written: {error.strerror or error}",
            where=str(path),
            hint="make room or give yourself the right to write there, or choose another folder with --store",
        ) from error


def write_bytes(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write a file through a temporary one beside it, an fsync and a rename.

    Args:
        path: the file.
        data: what it will hold.
        sync: whether to wait until the disk has it.

    Raises:
        StoreError: when it cannot be written.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                if sync:
                    os.fsync(file.fileno())
            os.chmod(temporary, 0o644)  # noqa: PTH101 - mkstemp made it private
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            os.unlink(temporary)  # noqa: PTH108
            raise


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file, keys sorted, so that equal values are equal bytes."""
    write_bytes(path, (json.dumps(plain(value), indent=1, sort_keys=True, allow_nan=False) + "\n").encode())


def write_folder(path: Path, fill: Callable[[Path], None]) -> None:
    """Fill a folder beside its place, then rename it there.  Who comes second keeps the first one's.

    Raises:
        StoreError: when the folder cannot be made; what ``fill`` raises is passed on.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".tmp-", dir=path.parent))
    try:
        fill(temporary)
        with writing(path):
            temporary.chmod(0o755)
            try:
                temporary.rename(path)
            except OSError:
                if not path.is_dir():
                    raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def clear(path: Path) -> None:
    """Remove what lies where a file of the store belongs and is none.

    Raises:
        StoreError: when it cannot be removed.
    """
    if path.is_dir():
        with writing(path):
            shutil.rmtree(path)
