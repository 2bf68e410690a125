# SPDX-License-Identifier: Apache-2.0
"""Boards and their parts, one row each in ``boards.csv`` and ``parts.csv``: a new board is a new row."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

from drawplate.errors import FlowError, nearest
from drawplate_dataflow.resources import NAMES, Resources
from drawplate_dataflow.technology import Label

LABELS: Final[tuple[Label, Label, Label, Label]] = (
    Label("lut4", "LUT4"),
    Label("ff", "FF"),
    Label("dp16kd", "DP16KD"),
    Label("mult18", "MULT18X18D"),
)
"""What the family calls its resources, in the order of :data:`drawplate_dataflow.resources.NAMES`."""


@frozen(kw_only=True)
class Part:
    """A device of the family."""

    name: str
    """Without speed and package: ``LFE5U-85F``."""
    flag: str
    """How nextpnr is told of it."""
    budget: Resources
    placed_lut: float | None
    """Largest part of the LUT4 of a design that has been placed and routed on it."""
    placed_mhz: float | None
    """Clock that this design reached at speed grade 6."""
    source: str
    """Where the numbers are from."""


@frozen(kw_only=True)
class Board:
    """A board: its device, the pins that are used, and how it is loaded."""

    name: str
    part: Part
    package: str
    speed: int
    """Speed grade; 6 is the slowest."""
    oscillator_mhz: float
    oscillator: str
    """Pin of the oscillator."""
    rx: str
    """Pin that the host sends to."""
    tx: str
    """Pin that the host listens to."""
    io_type: str
    baud: int
    """Bits per second that the board's USB bridge is known to carry."""
    loader: str
    """Command that loads a bitstream, without the file."""
    source: str
    """Where pins and clocks are from."""

    @property
    def device(self) -> str:
        """The part with package and speed, as notes say it."""
        return f"{self.part.name}-{self.speed} {self.package}"


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def parts() -> Mapping[str, Part]:
    """Return all parts by name."""
    return {row["name"]: _part(row) for row in _rows("parts.csv")}


def _part(row: dict[str, str]) -> Part:
    amounts = dict(zip(NAMES, (float(row[label.name]) for label in LABELS), strict=True))
    shown, mhz = (float(row[name]) if row[name] else None for name in ("placed_lut4", "placed_mhz"))
    return Part(
        name=row["name"],
        flag=row["flag"],
        budget=Resources(**amounts),
        placed_lut=shown,
        placed_mhz=mhz,
        source=row["source"],
    )


@cache
def boards() -> Mapping[str, Board]:
    """Return all boards by name."""
    return {row["name"]: read_board(row) for row in _rows("boards.csv")}


def read_board(row: Mapping[str, str]) -> Board:
    """Read a row of the table."""
    numbers = {
        "part": parts()[row["part"]],
        "speed": int(row["speed"]),
        "oscillator_mhz": float(row["oscillator_mhz"]),
        "baud": int(row["baud"]),
    }
    return Board(**{**row, **numbers})  # type: ignore[arg-type]


def find_board(name: str) -> Board:
    """Return a board.

    Raises:
        FlowError: when it is not in the table.
    """
    found = boards()
    if name not in found:
        raise FlowError(f"there is no board {name!r}", allowed=sorted(found), meant=nearest(name, found))
    return found[name]
