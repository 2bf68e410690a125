# SPDX-License-Identifier: Apache-2.0
"""Library modules that carry a stream: width converter, FIFOs, fork, entry of a pipeline."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware.library.module import Counted, LibraryModule, Parameters, counter
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.technology import Technology


def _width(p: Parameters, _technology: Technology) -> Counted:
    bits, came, leaves = p["BITS"], p["IN"], p["OUT"]
    if came == leaves:
        return Counted(0.0, 0, (0.0, 0.0, 0.0, 0.0))
    if leaves > came:
        ratio = leaves // came
        partly = counter(p["BEATS"]) if p["BEATS"] % ratio else 0
        return Counted(0.0, leaves * bits + counter(ratio) + 1 + partly, (1.0, float(partly), 0.0, 0.0))
    ratio = came // leaves
    shifted = float((came - leaves) * bits)
    return Counted(shifted, came * bits + counter(ratio), (0.0, 0.0, 1.0, float(counter(ratio))))


def _fifo(p: Parameters, technology: Technology) -> Counted:
    memory, address = technology.ram(p["BITS"], p["DEPTH"]), address_bits(p["DEPTH"])
    luts = memory.luts + p["BITS"] * technology.multiplexer(memory.rows) if memory.luts else 0.0
    # Memory blocks have the output register inside.
    ffs = 4 * (address + 1) + 3 + (0 if memory.ram else p["BITS"])
    return Counted(luts, ffs, (1.0, float(address)), memory.ram)


def _results(p: Parameters, technology: Technology) -> Counted:
    address = address_bits(p["DEPTH"])
    return Counted(technology.lut_ram(p["BITS"], p["DEPTH"]), 3 * address + 1, (1.0, float(max(0, address - 6))))


def _fork(p: Parameters, _technology: Technology) -> Counted:
    return Counted(0.0, p["N"], (1.0, float(p["N"])))


def _gate(p: Parameters, _technology: Technology) -> Counted:
    credit = counter(p["ROOM"])
    return Counted(0.0, credit + 1 + (p["CB"] if p["CHANNELS"] > 1 else 0), (1.0, float(credit + p["CB"])))


WIDTH: Final = LibraryModule("dp_width", _width)
FIFO: Final = LibraryModule("dp_fifo", _fifo)
RESULTS: Final = LibraryModule("dp_results", _results)
FORK: Final = LibraryModule("dp_fork", _fork)
GATE: Final = LibraryModule("dp_gate", _gate)
PROBE: Final = LibraryModule("dp_probe", lambda _p, _technology: Counted(0.0, 0))
"""For simulation only."""
