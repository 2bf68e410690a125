# SPDX-License-Identifier: Apache-2.0
"""Where data sets are looked for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from drawplate.errors import DataError

VARIABLE = "DRAWPLATE_DATA"
"""Environment variable that names a folder of data sets."""


def cache_folder() -> Path:
    """Folder for what is downloaded or decoded: ``DRAWPLATE_CACHE``, or drawplate's in the user's cache folder."""
    own = os.environ.get("DRAWPLATE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(own) if own else Path(base).expanduser() / "drawplate"


def search_folders(name: str, given: Path | None) -> list[Path]:
    """Return the folders that may hold a data set: the given one alone, or all usual ones."""
    if given is not None:
        return [given]
    folders = [Path(entry) for entry in os.environ.get(VARIABLE, "").split(os.pathsep) if entry]
    return [*(place for folder in folders for place in (folder, folder / name)), cache_folder() / "data" / name]


def first_with(name: str, given: Path | None, layouts: Iterable[tuple[str, ...]], extra: Iterable[Path] = ()) -> Path:
    """Return the first folder that holds all files of one of the layouts.

    Raises:
        DataError: when there is none; names files and folders that were looked for.
    """
    layouts = list(layouts)
    folders = [*search_folders(name, given), *(extra if given is None else ())]
    for folder in folders:
        for layout in layouts:
            if has(folder, layout):
                return folder
    wanted = "; or ".join(dict.fromkeys(map(_described, layouts)))
    raise DataError(
        "is not found",
        where=f"searched {', '.join(str(folder) for folder in folders)}",
        allowed=wanted,
        hint=f"name its folder with path in [data], or with the environment variable {VARIABLE}",
    )


def has(folder: Path, layout: tuple[str, ...]) -> bool:
    """Whether a folder holds all files of a layout."""
    return all((folder / file).is_file() for file in layout)


def _described(layout: tuple[str, ...]) -> str:
    """Name the files of a layout, of many the first and the last, without the folder that an archive puts them into."""
    names = [PurePosixPath(file).name for file in layout]
    return ", ".join(names) if len(names) < 4 else f"{names[0]} to {names[-1]} ({len(names)} files)"
