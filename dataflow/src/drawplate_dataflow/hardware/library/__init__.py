# SPDX-License-Identifier: Apache-2.0
"""The library: one description per module, beside its Verilog in ``verilog/``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drawplate_dataflow.hardware.library.adders import ADD2, ADD3, adder
from drawplate_dataflow.hardware.library.bus import AXIS_IN, AXIS_OUT, GEAR
from drawplate_dataflow.hardware.library.elements import ADD, ARGMAX, PAD, POOL
from drawplate_dataflow.hardware.library.flow import FIFO, FORK, GATE, PROBE, RESULTS, WIDTH
from drawplate_dataflow.hardware.library.matrix import ACCUMULATE, CHAIN, CONTROL, DELAY, DRAIN, REPLAY, TAPS
from drawplate_dataflow.hardware.library.merge import CONCAT, UPSAMPLE
from drawplate_dataflow.hardware.library.module import Counted, LibraryCell, LibraryModule, Parameters, plain
from drawplate_dataflow.hardware.library.tail import COMPARE, OFFSET, REQUANT, ROM
from drawplate_dataflow.hardware.library.window import WINDOW

FITTED: Final[Mapping[str, LibraryModule]] = {
    module.name: module
    for module in (
        *(WIDTH, REPLAY, CONTROL, DRAIN, COMPARE, RESULTS, OFFSET, REQUANT, WINDOW, PAD, POOL, ADD),
        *(GATE, ARGMAX, FORK, FIFO, CHAIN, ACCUMULATE, DELAY, TAPS, GEAR, AXIS_IN, AXIS_OUT),
    )
}
"""Modules with terms, whose constants a technology fits."""

__all__ = [
    "ACCUMULATE",
    "ADD",
    "ADD2",
    "ADD3",
    "ARGMAX",
    "AXIS_IN",
    "AXIS_OUT",
    "CHAIN",
    "COMPARE",
    "CONCAT",
    "CONTROL",
    "DELAY",
    "DRAIN",
    "FIFO",
    "FITTED",
    "FORK",
    "GATE",
    "GEAR",
    "OFFSET",
    "PAD",
    "POOL",
    "PROBE",
    "REPLAY",
    "REQUANT",
    "RESULTS",
    "ROM",
    "TAPS",
    "UPSAMPLE",
    "WIDTH",
    "WINDOW",
    "Counted",
    "LibraryCell",
    "LibraryModule",
    "Parameters",
    "adder",
    "plain",
]
