# SPDX-License-Identifier: Apache-2.0
"""Files that carry the hash of what they hold, so that a damaged one is not believed."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from drawplate.errors import StoreError
from drawplate.store import atomic
from drawplate.store.plain import plain

SEAL: Final = "sha256"
"""Key of a record that holds the hash of all its other keys."""
_DIGEST: Final = hashlib.sha256().digest_size


class Damaged(StoreError):
    """A file of the store is not what was written."""


def digest_of(value: Any) -> str:
    """SHA-256 of a JSON value in canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


# records --------------------------------------------------------------------------------------------------------------


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a JSON object with its seal."""
    value = plain(record)
    atomic.clear(path)
    atomic.write_json(path, value | {SEAL: digest_of(value)})


def read_record(path: Path, *, strict: bool = True) -> dict[str, Any]:
    """Return a JSON object without its seal.

    Args:
        path: the file.
        strict: refuse one without a seal too; otherwise it may come from a version that set none.

    Raises:
        FileNotFoundError: when there is none.
        Damaged: when it is not what was written.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("is no JSON object")  # noqa: TRY004, TRY301 - one of the ways in which it can be damaged
        seal = found.pop(SEAL, None)
        if (strict or seal is not None) and seal != digest_of(found):
            raise ValueError("is not what was written")  # noqa: TRY301
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        raise Damaged(f"is damaged: {error}", where=str(path)) from error
    return found


# files ----------------------------------------------------------------------------------------------------------------


def write_file(path: Path, data: bytes) -> None:
    """Write a file whose first 32 bytes are the hash of the rest."""
    atomic.write_bytes(path, hashlib.sha256(data).digest() + data)


def read_file(path: Path) -> bytes:
    """Return what :func:`write_file` wrote.

    Raises:
        FileNotFoundError: when there is none.
        Damaged: when it is not what was written.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(f"cannot be read: {error.strerror}", where=str(path)) from error
    data = content[_DIGEST:]
    if hashlib.sha256(data).digest() != content[:_DIGEST]:
        raise Damaged("is damaged", where=str(path))
    return data


# lines ----------------------------------------------------------------------------------------------------------------


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Append a JSON value to a file of lines, each behind its checksum."""
    with atomic.writing(path), path.open("ab+") as file:
        file.seek(max(0, file.tell() - 1))
        cut_off = file.read(1) not in (b"", b"\n")  # by a kill: a line of its own, which nobody believes
        file.write(b"\n" * cut_off + line_of(value).encode())


def line_of(value: Mapping[str, Any]) -> str:
    """Return the line that :func:`append_line` writes."""
    text = json.dumps(plain(value), allow_nan=False)
    return f"{zlib.crc32(text.encode()):08x} {text}\n"


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the values of a file of lines; what a kill cut off, or what is damaged, counts as not written."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for line in lines:
        checksum, _, text = line.partition(b" ")
        if checksum == f"{zlib.crc32(text):08x}".encode():
            yield json.loads(text)
