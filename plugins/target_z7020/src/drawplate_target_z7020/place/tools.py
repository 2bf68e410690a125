# SPDX-License-Identifier: Apache-2.0
"""Finding nextpnr for the 7 series and its database of the chip: none of it comes with drawplate.

nextpnr is ``nextpnr-himbaechel`` (upstream, architecture xilinx) or ``nextpnr-xilinx`` (openXC7), on PATH or named by
``DRAWPLATE_NEXTPNR``; the database is the file that ``DRAWPLATE_CHIPDB`` names, or ``DEVICE.bin`` in that folder.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from attrs import frozen

from drawplate.errors import ToolMissing
from drawplate.toolenv import Status

PROGRAMS: Final = ("nextpnr-himbaechel", "nextpnr-xilinx")
PROGRAM: Final = "DRAWPLATE_NEXTPNR"
DATABASE: Final = "DRAWPLATE_CHIPDB"


@frozen
class Nextpnr:
    """A nextpnr that knows a chip."""

    program: str
    database: Path

    @property
    def upstream(self) -> bool:
        """Whether it is upstream's; otherwise openXC7's, whose options differ."""
        return "himbaechel" in Path(self.program).name


def find_nextpnr(device: str) -> Nextpnr:
    """Find it.

    Args:
        device: e.g. ``xc7z020``.

    Raises:
        ToolMissing: says which of program and database is missing, and how to name it.
    """
    program, database = _program(), _database(device)
    missing = [what for what, found in ((PROGRAMS[0], program), (f"a database of {device}", database)) if not found]
    if program is None or database is None:
        raise ToolMissing(
            f"{' and '.join(missing)} not found",
            where="z7020, place",
            hint=f"install {' or '.join(PROGRAMS)} with its chip database, and name them by {PROGRAM} and {DATABASE} "
            f"(a file, or a folder with {device}.bin)",
        )
    return Nextpnr(program, database)


def look() -> Status:
    """Say for ``drawplate doctor`` what is there."""
    program = _program()
    named = os.environ.get(DATABASE, "")
    details = ", ".join(filter(None, (program, named)))
    missing = f"name the program by {PROGRAM} and its chip database by {DATABASE}"
    return Status(found=bool(program and named), details=details, next="" if program and named else missing)


def _program() -> str | None:
    named = os.environ.get(PROGRAM)
    return shutil.which(named) if named else next(filter(None, map(shutil.which, PROGRAMS)), None)


def _database(device: str) -> Path | None:
    named = os.environ.get(DATABASE)
    if not named:
        return None
    path = Path(named)
    path = path / f"{device}.bin" if path.is_dir() else path
    return path if path.is_file() else None
