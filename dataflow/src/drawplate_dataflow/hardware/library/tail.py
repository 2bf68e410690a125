# SPDX-License-Identifier: Apache-2.0
"""Library modules that turn sums into codes."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware.library.module import Counted, LibraryModule, Parameters
from drawplate_dataflow.technology import Style, Technology


def _compare(p: Parameters, technology: Technology) -> Counted:
    return Counted(technology.comparator(p["BITS"]), 2 * (p["BITS"] + p["CB"] + p["OB"]) + 1, (1.0,))


def _offset(p: Parameters, _technology: Technology) -> Counted:
    return Counted(float(p["OB"]), p["BITS"] + p["OB"] + 2, (1.0,))


def _requant(p: Parameters, _technology: Technology) -> Counted:
    return Counted(0.0, p["OB"] + p["BITS"] + p["BB"] + 5, (1.0, float(p["OB"])), multipliers=1)


def _rom(p: Parameters, technology: Technology) -> Counted:
    memory = technology.rom(p["BITS"], p["DEPTH"], Style.BLOCK)
    return Counted(memory.luts, memory.ffs, ram=memory.ram)


COMPARE: Final = LibraryModule("dp_compare", _compare)
OFFSET: Final = LibraryModule("dp_offset", _offset)
REQUANT: Final = LibraryModule("dp_requant", _requant)
ROM: Final = LibraryModule("dp_rom", _rom)
