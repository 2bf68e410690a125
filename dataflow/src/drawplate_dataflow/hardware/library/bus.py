# SPDX-License-Identifier: Apache-2.0
"""Library modules of wrappers: between words of a bus and words of a design."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware.library.module import Counted, LibraryModule, Parameters, counter
from drawplate_dataflow.technology import Technology


def _gear(p: Parameters, _technology: Technology) -> Counted:
    came, goes, unit, beats = p["IN"], p["OUT"], p["UNIT"], p["BEATS"]
    held, words = came + goes, -(-beats * goes // came)
    # Where a frame ends with a word of the bus, words are not counted.
    words_counted = counter(words) if beats * goes % came else 0
    # A bit is held, moved on or filled; what comes is shifted to where it belongs, a stage per bit of the distance.
    stages = (goes // unit - 1).bit_length()
    return Counted(0.0, held + counter(held // unit) + words_counted + 1, (float(held), float(came * stages)))


def _frame(p: Parameters) -> int:
    return counter(p["FRAME"]) if p["FRAME"] > 1 else 0


def _axis_in(p: Parameters, _technology: Technology) -> Counted:
    return Counted(0.0, _frame(p) + 1, (1.0, float(_frame(p))))


def _axis_out(p: Parameters, _technology: Technology) -> Counted:
    return Counted(0.0, _frame(p) + 18, (1.0, float(_frame(p))))


GEAR: Final = LibraryModule("dp_gear", _gear)
AXIS_IN: Final = LibraryModule("dp_axis_in", _axis_in)
AXIS_OUT: Final = LibraryModule("dp_axis_out", _axis_out)
