# SPDX-License-Identifier: Apache-2.0
"""Fetching published data sets, checked by SHA-256."""

from __future__ import annotations

import logging
import tarfile
from collections.abc import Iterable
from pathlib import Path

from attrs import frozen

from drawplate.data.find import cache_folder
from drawplate.errors import DataError

SECONDS = 10  # without an answer, after which a host counts as out of reach


@frozen(kw_only=True)
class RemoteFile:
    """A published file, or an archive of which some files are wanted."""

    url: str
    sha256: str
    members: tuple[str, ...] = ()
    """Files to take out of it, where it is an archive."""

    @property
    def name(self) -> str:
        """Its name here."""
        return self.url.rpartition("/")[2]


def download(name: str, files: Iterable[RemoteFile]) -> Path:
    """Fetch files into drawplate's cache, where data sets are looked for.

    Args:
        name: of the data set.
        files: what to fetch; a file that is there already is not fetched again.

    Returns:
        Their folder.

    Raises:
        DataError: when a host cannot be reached, or sends something other than the published file.
    """
    from filelock import FileLock

    folder = cache_folder() / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        for file in files:
            path = _fetch(file, folder)
            if file.members:
                _unpack(path, file.members, folder)
    return folder


def _fetch(file: RemoteFile, folder: Path) -> Path:
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)
    try:
        got = pooch.retrieve(
            file.url,
            known_hash=f"sha256:{file.sha256}",
            fname=file.name,
            path=folder,
            downloader=pooch.HTTPDownloader(timeout=SECONDS),
        )
    except OSError as error:  # what requests raises is one too
        raise DataError(f"{file.url} cannot be reached: {type(error).__name__}") from error
    except ValueError as error:  # pooch says so when the hash differs, and removes the file
        raise DataError(f"{file.url} is not the published file: its SHA-256 differs from {file.sha256}") from error
    return Path(got)


def _unpack(path: Path, members: tuple[str, ...], folder: Path) -> None:
    """Write the wanted files by the names that we know them by; nothing else in the archive is believed."""
    from drawplate.store.atomic import write_bytes

    missing = [member for member in members if not (folder / member).is_file()]
    if not missing:
        return
    with tarfile.open(path) as archive:
        for member in missing:
            content = archive.extractfile(member)
            if content is None:
                raise DataError(f"has no file {member}", where=str(path))
            write_bytes(folder / member, content.read())
