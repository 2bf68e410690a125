# SPDX-License-Identifier: Apache-2.0
"""What an instance of a library module takes, from its Verilog parameters.

Synthesis keeps the hierarchy, so a layer takes the sum of what its modules take.  Registers are counted as the Verilog
declares them.  LUTs are counted where the structure is plain (LUT RAM, adders, multiplexers); the rest is a sum of few
terms whose constants are fitted to synthesised modules, see :mod:`.fit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import field, frozen

from drawplate_dataflow.cost.memory import lut_ram, ram
from drawplate_dataflow.cost.window import WindowShape
from drawplate_dataflow.hardware.text import address_bits

Parameters = Mapping[str, int]
"""Verilog parameters by name."""


@frozen
class Part:
    """A module's share of a layer."""

    module: str
    luts: float
    """Counted."""
    ffs: int
    terms: tuple[float, ...] = field(default=())
    """What is multiplied by the fitted constants of the module and added to the counted LUTs."""
    bram18: int = 0


def part(module: str, parameters: Parameters) -> Part:
    """Return what an instance takes."""
    luts, ffs, terms = MODULES[module](parameters)
    return Part(module, luts, ffs, terms, _bram18(module, parameters))


def _bram18(module: str, p: Parameters) -> int:
    if module == "dp_window":
        return WindowShape(p).memory.bram18
    return ram(p["BITS"], p["DEPTH"]).bram18 if module == "dp_fifo" else 0


# LUTs per bit of a multiplexer of so many inputs, as yosys 0.70 maps them; synthesised, see modules.csv.
_WAYS: Final = (1, 2, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 49, 64)
_PER_BIT: Final = (0.0, 1.0, 1.0, 2.0, 2.0, 4.0, 3.0, 5.8, 4.0, 7.0, 6.0, 10.0, 10.0, 11.9, 14.0, 24.6, 24.3)


def multiplexer(ways: int) -> float:
    """LUTs per bit of a multiplexer; between two synthesised sizes, in proportion."""
    for (below, low), (above, high) in zip(
        zip(_WAYS, _PER_BIT, strict=True), zip(_WAYS[1:], _PER_BIT[1:], strict=True), strict=False
    ):
        if ways <= above:
            return low + (high - low) * (ways - below) / (above - below)
    return _PER_BIT[-1] * ways / _WAYS[-1]


def _counter(largest: int) -> int:
    """Bits of a register that counts from 0 to ``largest``."""
    return largest.bit_length()


def _uneven(number: int) -> float:
    return float(number & (number - 1) != 0)


_Found = tuple[float, int, tuple[float, ...]]


def _width(p: Parameters) -> _Found:
    bits, came, leaves = p["BITS"], p["IN"], p["OUT"]
    if came == leaves:
        return 0.0, 0, (0.0, 0.0, 0.0, 0.0)
    if leaves > came:
        ratio = leaves // came
        partly = _counter(p["BEATS"]) if p["BEATS"] % ratio else 0
        return 0.0, leaves * bits + _counter(ratio) + 1 + partly, (1.0, float(partly), 0.0, 0.0)
    ratio = came // leaves
    return float((came - leaves) * bits), came * bits + _counter(ratio), (0.0, 0.0, 1.0, float(_counter(ratio)))


def _replay(p: Parameters) -> _Found:
    bits, words, passes = p["BITS"], p["SF"], p["NF"]
    at = address_bits(words)
    if passes == 1:
        return 0.0, at if words > 1 else 1, (0.0, 0.0, 0.0, float(at))
    depth = 2 * words
    address = address_bits(depth)
    # yosys keeps a second copy of the read address.
    ffs = at + 3 * address + _counter(depth) + address_bits(passes) + 1 - (words == 1)
    luts = lut_ram(bits, depth) + bits * multiplexer(-(-depth // 64))
    return luts, ffs, (1.0, float(address), _uneven(words), 0.0)


def _control(p: Parameters) -> _Found:
    address, credit = p["AB"], _counter(p["ROOM"])
    ffs = credit + (address if p["DEPTH"] > 1 else 0) + 2 * (p["LATENCY"] + 1) + 1
    # OUTS is what a pass costs in credits; a power of two subtracts fewer bits.
    return 0.0, ffs, (1.0, float(address), float(credit), _uneven(p["DEPTH"]), _uneven(p["OUTS"]))


def _drain(p: Parameters) -> _Found:
    outs, word = p["PE"] // p["UNITS"], p["UNITS"] * p["BITS"]
    if outs == 1:
        return 0.0, p["CB"] if p["CHANNELS"] > 1 else 1, (0.0, 0.0, float(p["CB"]))
    ffs = p["PE"] * p["BITS"] + word + address_bits(outs) + 2 + 2 * p["CB"]
    return word * multiplexer(outs), ffs, (1.0, float(address_bits(outs)), 0.0)


def _compare(p: Parameters) -> _Found:
    # One LUT5 and one LUT6 compare three bits and feed the carry chain.
    return float(-(-2 * p["BITS"] // 3)), 2 * (p["BITS"] + p["CB"] + p["OB"]) + 1, (1.0,)


def _results(p: Parameters) -> _Found:
    address = address_bits(p["DEPTH"])
    luts = lut_ram(p["BITS"], p["DEPTH"]) + p["BITS"] * multiplexer(-(-p["DEPTH"] // 64))
    return luts, 2 * (address + 1), (1.0, float(max(0, address - 6)))


def _offset(p: Parameters) -> _Found:
    return float(p["OB"]), p["BITS"] + p["OB"] + 2, (1.0,)


def _requant(p: Parameters) -> _Found:
    return 0.0, p["OB"] + p["BITS"] + p["BB"] + 5, (1.0, float(p["OB"]))


def _window(p: Parameters) -> _Found:
    shape = WindowShape(p)
    memory = shape.memory
    luts = memory.luts + p["BITS"] * multiplexer(memory.rows)
    return luts, shape.registers, (1.0, float(shape.address), float(shape.moving))


def _pad(p: Parameters) -> _Found:
    counters = [_counter(p[name]) for name in ("H", "W", "WORDS") if p[name] > 1]
    return float(p["BITS"]), sum(counters), (1.0, float(sum(counters)))


def _pool(p: Parameters) -> _Found:
    bits, summed = p["LANES"] * p["OB"], p["SUM"]
    # A sum takes a LUT for every bit that arrives, its upper bits only carry; a maximum compares and chooses.
    luts = float(p["LANES"] * p["IB"]) if summed else 0.0
    terms = (1.0, float(bits), 0.0) if summed else (1.0, 0.0, float(bits))
    return luts, bits + _counter(p["COUNT"]) + 1, terms


def _add(p: Parameters) -> _Found:
    return float(p["LANES"] * max(p["AB"], p["BB"])), p["LANES"] * p["OB"] + 1, (1.0,)


def _gate(p: Parameters) -> _Found:
    credit = _counter(p["ROOM"])
    return 0.0, credit + (p["CB"] if p["CHANNELS"] > 1 else 0), (1.0, float(credit + p["CB"]))


def _argmax(p: Parameters) -> _Found:
    return 0.0, p["BITS"] + 2 * p["OB"] + 1, (1.0, float(p["BITS"]))


def _fork(p: Parameters) -> _Found:
    return 0.0, p["N"], (1.0, float(p["N"]))


def _fifo(p: Parameters) -> _Found:
    memory, address = ram(p["BITS"], p["DEPTH"]), address_bits(p["DEPTH"])
    luts = memory.luts + p["BITS"] * multiplexer(memory.rows) if memory.luts else 0.0
    return luts, 2 * (address + 1) + 1 + (0 if memory.bram18 else p["BITS"]), (1.0, float(address))


def _chain(p: Parameters) -> _Found:
    # The blocks are counted where they are chosen; one that adds up behind others needs an inverter for its mode.
    return float(p["ADDUP"] and p["LANES"] > 1), 0, (1.0,)


def _accumulate(p: Parameters) -> _Found:
    return float(p["BITS"]), p["BITS"], (1.0,)


def _delay(p: Parameters) -> _Found:
    bits, clocks = p["BITS"], p["CLOCKS"]
    if clocks < SHIFT_REGISTER:
        return 0.0, bits * clocks, (1.0,)
    # yosys maps a register that is one clock too long for its shift registers to a flip-flop.
    left = int(clocks == 17 or (clocks > 32 and clocks % 32 == 1))
    return float(bits * -(-(clocks - left) // 32)), bits * left, (1.0,)


def _taps(p: Parameters) -> _Found:
    return 0.0, p["BITS"] * p["CLOCKS"], (1.0,)


SHIFT_REGISTER: Final = 3
"""Clocks from which on yosys makes a delay of shift registers in LUTs, of up to 32 clocks each."""

MODULES: Final[Mapping[str, Callable[[Parameters], _Found]]] = {
    "dp_width": _width,
    "dp_replay": _replay,
    "dp_control": _control,
    "dp_drain": _drain,
    "dp_compare": _compare,
    "dp_results": _results,
    "dp_offset": _offset,
    "dp_requant": _requant,
    "dp_window": _window,
    "dp_pad": _pad,
    "dp_pool": _pool,
    "dp_add": _add,
    "dp_gate": _gate,
    "dp_argmax": _argmax,
    "dp_fork": _fork,
    "dp_fifo": _fifo,
    "dp_chain": _chain,
    "dp_accumulate": _accumulate,
    "dp_delay": _delay,
    "dp_taps": _taps,
}
