# SPDX-License-Identifier: Apache-2.0
"""ROMs with a registered output: memory blocks that are filled from a file, or LUTs as the technology writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from drawplate_dataflow.hardware.items import Instance, Item, Wires
from drawplate_dataflow.hardware.library import DELAY, ROM, LibraryModule
from drawplate_dataflow.hardware.text import FOOTER, HEADER, Value, address_bits, instance
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Rom, Style, Technology

Words = Sequence[int]


def read(cell: RomCell, name: str, address: str, q: str, technology: Technology) -> Iterator[Item]:
    """Yield a ROM, and the register behind it where the technology has one; the net ``q`` is declared outside.

    Args:
        cell: the ROM.
        name: of the instance.
        address: net.
        q: net of the word, ``technology.rom_clocks`` later.
        technology: what it is built for.
    """
    late, early = technology.rom_clocks - 1, f"{name}_early" if technology.rom_clocks > 1 else q
    if late:
        yield Wires(cell.rom.bits, (early,))
    yield Instance(cell, name, {"clk": "clk", "a": address, "q": early})
    if late:
        yield delayed(f"{name}_late", cell.rom.bits, late, early, q)


def delayed(name: str, bits: int, clocks: int, d: str, q: str) -> Instance:
    """Return what passes a net on so many clocks later."""
    return Instance(DELAY(BITS=bits, CLOCKS=clocks), name, {"clk": "clk", "d": d, "q": q})


@frozen(eq=False)
class RomCell:
    """A ROM whose contents are formed when it is written: the cell, and what defines it."""

    rom: Rom
    """Its name is relative to that of the module around it."""
    words: Callable[[], Words] = field(repr=False)

    @property
    def parameters(self) -> Mapping[str, Value]:
        """None: it is made for one layer."""
        return {}

    @property
    def library(self) -> tuple[LibraryModule, ...]:
        """What memory blocks are instances of."""
        return (ROM,)

    @property
    def definition(self) -> RomCell:
        """Its own files."""
        return self

    def name(self, prefix: str) -> str:
        """Return the name of its module."""
        return f"{prefix}_{self.rom.name}"

    def contents(self, prefix: str) -> Rom:
        """Return the memory, by the name of its module."""
        return evolve(self.rom, name=self.name(prefix))

    def price(self, technology: Technology) -> Resources:
        """Return what it takes, and the multiplexers and address registers where words do not lie in one block."""
        rom = self.rom
        found = technology.rom(rom.bits, rom.depth, rom.style)
        if found.rows == 1:
            return Resources(lut=found.luts, ff=found.ffs, ram=found.ram)
        chosen, where = rom.bits * technology.multiplexer(found.rows), address_bits(found.rows)
        return Resources(lut=found.luts + chosen, ff=found.ffs + where, ram=found.ram)

    def files(self, prefix: str, technology: Technology) -> Mapping[str, bytes]:
        """Write the module, and its contents one hexadecimal word per line."""
        rom, words = self.contents(prefix), self.words()
        if rom.style is Style.LUT and rom.depth > technology.lut_rom_words:
            raise ValueError(f"ROM {rom.name}: {rom.depth} words, LUTs hold at most {technology.lut_rom_words}")
        digits, bits = (rom.bits + 3) // 4, address_bits(rom.depth)
        ports = f"input wire clk, input wire [{bits - 1}:0] a, output wire [{rom.bits - 1}:0] q"
        block = instance(
            ROM.name,
            "rom",
            {"BITS": rom.bits, "DEPTH": rom.depth, "AB": bits, "FILE": f"{rom.name}.hex"},
            {"clk": "clk", "a": "a", "q": "q"},
        )
        if rom.style is Style.LUT:
            block = f"`ifdef DRAWPLATE_FAST\n{block}`else\n{technology.rom_text(rom, words)}`endif\n"
        text = f"{HEADER}module {rom.name} ({ports});\n{block}endmodule\n{FOOTER}"
        contents = "".join(f"{word:0{digits}x}\n" for word in words)
        return {f"{rom.name}.v": text.encode(), f"{rom.name}.hex": contents.encode()}
