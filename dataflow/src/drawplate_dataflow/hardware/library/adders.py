# SPDX-License-Identifier: Apache-2.0
"""Adders of two and of three operands, the last of which ``clear`` masks."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware.library.module import Counted, LibraryModule, Parameters
from drawplate_dataflow.technology import Technology


def _add(p: Parameters, technology: Technology) -> Counted:
    return Counted(technology.adder_luts(p["W"], p["WO"]), 0)


ADD2: Final = LibraryModule("dp_add2", _add)
ADD3: Final = LibraryModule("dp_add3", _add)


def adder(technology: Technology) -> LibraryModule:
    """Return the adder that a technology makes."""
    return ADD3 if technology.adder_operands == 3 else ADD2
