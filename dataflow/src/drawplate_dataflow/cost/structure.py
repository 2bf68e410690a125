# SPDX-License-Identifier: Apache-2.0
"""What a layer consists of, as the generator puts it together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import gcd

from attrs import frozen

from drawplate_dataflow.cost.library import Part, multiplexer, part
from drawplate_dataflow.cost.memory import block_rom
from drawplate_dataflow.hardware.design import Rom, Style
from drawplate_dataflow.hardware.rom import lut_count
from drawplate_dataflow.hardware.text import address_bits


@frozen(kw_only=True)
class Structure:
    """What a layer consists of."""

    luts: float
    """LUTs of processing elements and ROMs: counted."""
    ffs: int
    """Flip-flops of processing elements, ROMs and operand registers: counted."""
    parts: tuple[Part, ...]
    """Instances of library modules."""
    bram18: int
    dsp: int
    cycles: int


def assembled(parts: Iterable[Part], roms: Iterable[Rom] = (), *, cycles: int, dsp: int = 0) -> Structure:
    """Put a layer together of library modules and ROMs.

    Args:
        parts: instances of library modules.
        roms: the ROMs beside them.
        cycles: clocks per frame.
        dsp: DSP48E1 blocks in these modules.
    """
    parts, memory = tuple(parts), memory_of(tuple(roms))
    blocks = memory.bram18 + sum(part.bram18 for part in parts)
    return Structure(luts=memory.luts, ffs=memory.ffs, parts=parts, bram18=blocks, dsp=dsp, cycles=cycles)


@frozen
class RomCost:
    """ROMs with the multiplexers and registers around them."""

    luts: float
    ffs: int
    bram18: int


def memory_of(roms: tuple[Rom, ...]) -> RomCost:
    """Count ROMs."""
    small = [rom for rom in roms if rom.style is Style.LUT]
    blocks = [(rom, block_rom(rom.bits, rom.depth)) for rom in roms if rom.style is Style.BLOCK]
    shared = [(rom.bits, block.rows) for rom, block in blocks if block.rows > 1]
    return RomCost(
        luts=sum(map(lut_count, small)) + sum(bits * multiplexer(rows) for bits, rows in shared),
        ffs=sum(rom.bits for rom in small) + sum(address_bits(rows) for _, rows in shared),
        bram18=sum(block.bram18 for _, block in blocks),
    )


def converters(bits: int, elements: int, beat: int, lanes: int) -> Iterator[Part]:
    """Yield the width converters: two where neither width divides the other.

    Args:
        bits: of an element.
        elements: of a frame, or of a vector where its last word may be partly filled.
        beat: elements of an arriving word.
        lanes: elements of a leaving word.
    """
    common = gcd(beat, lanes)
    steps = [(beat, lanes)] if common in {beat, lanes} else [(beat, common), (common, lanes)]
    for came, leaves in steps:
        yield part("dp_width", {"BITS": bits, "IN": came, "OUT": leaves, "BEATS": elements // came})
