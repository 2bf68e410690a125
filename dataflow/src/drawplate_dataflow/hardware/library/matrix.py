# SPDX-License-Identifier: Apache-2.0
"""Library modules of a matrix layer: replay, control, drain, and what surrounds chains of multiplier blocks."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware.library.adders import ADD3
from drawplate_dataflow.hardware.library.module import Counted, LibraryModule, Parameters, counter
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.technology import Technology


def _uneven(number: int) -> float:
    return float(number & (number - 1) != 0)


def _replay(p: Parameters, technology: Technology) -> Counted:
    bits, words, passes = p["BITS"], p["SF"], p["NF"]
    at = address_bits(words)
    if passes == 1:
        return Counted(0.0, at if words > 1 else 1, (0.0, 0.0, 0.0, float(at)))
    depth = 2 * words
    address = address_bits(depth)
    # yosys keeps a second copy of the read address.
    ffs = at + 3 * address + 2 * counter(depth) + address_bits(passes) + 4 - (words == 1)
    return Counted(technology.lut_ram(bits, depth), ffs, (1.0, float(address), _uneven(words), 0.0))


def _control(p: Parameters, technology: Technology) -> Counted:
    address, credit = p["AB"], counter(p["ROOM"])
    ffs = credit + (address if p["DEPTH"] > 1 else 0) + 2 * (p["LATENCY"] + 1) + 6
    ffs += technology.delay(p["LATENCY"]).ffs
    # OUTS is what a pass costs in credits; a power of two subtracts fewer bits.
    return Counted(0.0, ffs, (1.0, float(address), float(credit), _uneven(p["DEPTH"]), _uneven(p["OUTS"])))


def _drain(p: Parameters, technology: Technology) -> Counted:
    outs, word = p["PE"] // p["UNITS"], p["UNITS"] * p["BITS"]
    if outs == 1:
        return Counted(0.0, p["CB"] if p["CHANNELS"] > 1 else 1, (0.0, 0.0, float(p["CB"])))
    ffs = p["PE"] * p["BITS"] + word + address_bits(outs) + 2 + 2 * p["CB"]
    return Counted(word * technology.multiplexer(outs), ffs, (1.0, float(address_bits(outs)), 0.0))


def _chain(p: Parameters, _technology: Technology) -> Counted:
    last = p["ADDUP"] and p["LANES"] > 1
    # A block that adds up behind others needs an inverter for its mode.
    return Counted(float(last), 0, (1.0,), multipliers=p["LANES"] + last)


def _accumulate(p: Parameters, _technology: Technology) -> Counted:
    return Counted(float(p["BITS"]), p["BITS"], (1.0,))


def _delay(p: Parameters, technology: Technology) -> Counted:
    bit = technology.delay(p["CLOCKS"])
    return Counted(p["BITS"] * bit.luts, p["BITS"] * bit.ffs, (1.0,))


def _taps(p: Parameters, _technology: Technology) -> Counted:
    return Counted(0.0, p["BITS"] * p["CLOCKS"], (1.0,))


REPLAY: Final = LibraryModule("dp_replay", _replay)
CONTROL: Final = LibraryModule("dp_control", _control)
DRAIN: Final = LibraryModule("dp_drain", _drain)
CHAIN: Final = LibraryModule("dp_chain", _chain)
ACCUMULATE: Final = LibraryModule("dp_accumulate", _accumulate, uses=(ADD3,))
DELAY: Final = LibraryModule("dp_delay", _delay)
TAPS: Final = LibraryModule("dp_taps", _taps)
