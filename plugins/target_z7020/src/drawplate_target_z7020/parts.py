# SPDX-License-Identifier: Apache-2.0
"""Boards and what their parts offer, one row each in ``parts.csv``."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

from drawplate import Board
from drawplate.errors import FlowError, nearest
from drawplate_dataflow.resources import Resources
from drawplate_target_z7020.xc7 import XC7

PORTS: Final = (64, 128)
"""Widths of the way in: one or two of the Zynq's high-performance ports (64 bits each; Xilinx UG585, chapter 5)."""


@frozen(kw_only=True)
class Part:
    """A board's part."""

    name: str
    part: str
    """Full part number, as vendor tools write it."""
    budget: Resources
    placed_lut: float | None
    """Largest part of the LUTs that yosys counts of a design that has been placed and routed on such a part."""
    placed_slices: float | None
    """Part of the slices that this design took."""
    placed_mhz: float | None
    """Clock that this design reached: nextpnr (himbaechel) with prjxray's delays, skew and jitter left out."""
    clock_mhz: float
    """Clock of a design that nobody says another one for."""
    port_bits: int
    """Of a word between memory and the design: those of a high-performance port of the Zynq."""
    memory_mb_s: float
    """What the board's memory moves at most, in 10^6 bytes per second."""
    has_processor: bool
    """Whether it is a Zynq-7000, whose processing system feeds the design."""
    vivado_board: str
    """Pattern of the board's name in Vivado; empty where there is no block design for it."""
    source: str
    """Document that the numbers are from."""

    def standing(self, clock_mhz: float) -> str:
        """Say what is known of a clock where a design is not placed itself."""
        if self.placed_mhz is None or self.placed_lut is None:
            return ", a wish: nothing has been placed on this part"
        shown = f"{self.placed_mhz:g} MHz have been shown, up to {self.placed_lut:.0%} of the LUTs"
        return f", not placed: {shown}" if clock_mhz <= self.placed_mhz else f", a wish: {shown}"

    @property
    def device(self) -> str:
        """The part without package and speed grade, e.g. ``xc7z020``."""
        found = re.match(r"xc7[a-z]+\d+t?", self.part)
        return found[0] if found else self.part


@cache
def parts() -> dict[str, Part]:
    """Return all parts by board name."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: _part(row) for row in csv.DictReader(file)}


def _part(row: dict[str, str]) -> Part:
    budget = Resources(lut=int(row["lut"]), ff=int(row["ff"]), ram=int(row["bram18"]), multiplier=int(row["dsp"]))
    return Part(
        name=row["name"],
        part=row["part"],
        budget=budget,
        placed_lut=float(row["placed_lut"]) if row["placed_lut"] else None,
        placed_slices=float(row["placed_slices"]) if row["placed_slices"] else None,
        placed_mhz=float(row["placed_mhz"]) if row["placed_mhz"] else None,
        clock_mhz=float(row["clock_mhz"]),
        port_bits=int(row["port_bits"]),
        memory_mb_s=float(row["memory_mb_s"]),
        has_processor=row["system"] == "zynq7",
        vivado_board=row["vivado_board"],
        source=row["source"],
    )


def board_of(part: Part) -> Board:
    """Return a part as what core and the dataflow library know of a board."""
    return Board(
        name=part.name,
        part=part.part,
        target="z7020",
        budget=dict(zip((label.name for label in XC7.labels), part.budget.vector, strict=True)),
        placed={} if part.placed_lut is None else {"lut": part.placed_lut},
        placed_mhz=part.placed_mhz,
        clock_mhz=part.clock_mhz,
        port_bits=part.port_bits,
        ports=PORTS,
        memory_mb_s=part.memory_mb_s,
        source=part.source,
    )


def find_part(name: str) -> Part:
    """Return a board's part.

    Raises:
        FlowError: when the board is not in the table.
    """
    found = parts()
    if name not in found:
        raise FlowError(f"there is no board {name!r}", allowed=sorted(found), meant=nearest(name, found))
    return found[name]
