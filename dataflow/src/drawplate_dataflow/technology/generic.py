# SPDX-License-Identifier: Apache-2.0
"""Plain Verilog for everything, which any synthesiser maps to whatever it has; counted plainly, nothing fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from drawplate_dataflow.technology.energy import EnergyPrices
from drawplate_dataflow.technology.memory import MemoryPrice, Rom, Style
from drawplate_dataflow.technology.multiplier import Multiplier
from drawplate_dataflow.technology.protocol import ErrorBars, Label, Technology
from drawplate_dataflow.technology.table import Table

BLOCK_WIDTH: Final = 32
BLOCK_BITS: Final = 16 * 1024
"""Of a memory block, in plain counting: 512 words of 32 bits, or more of fewer."""
LUT_ROM_BITS: Final = 4096
"""A ROM of more bits goes to memory blocks, unless it holds weights."""

PLAIN_MULTIPLIER: Final = Multiplier(name="multiplier", wide=18, narrow=18, sum_bits=48, longest=60)


class Generic:
    """Four-input LUTs, carry chains that add two operands, memory blocks of 16 Kibit, multipliers of 18 x 18 bits."""

    name: str = "generic"
    labels: tuple[Label, Label, Label, Label] = (
        Label("lut", "LUT4"),
        Label("ff", "FF"),
        Label("ram", "memory blocks of 16 Kibit"),
        Label("multiplier", "multipliers"),
    )
    table_inputs: int = 4
    adder_operands: int = 2
    lut_rom_words: int = 256
    rom_clocks: int = 1
    auto_lut_words: int = 64
    """Weights of at most so many words go to LUTs."""
    multiplier: Multiplier | None = PLAIN_MULTIPLIER
    energies: EnergyPrices | None = None

    @property
    def files(self) -> Mapping[str, bytes]:
        """The library's own Verilog is plain."""
        return {}

    @property
    def models(self) -> Mapping[str, bytes]:
        """There are no primitives."""
        return {}

    @property
    def constants(self) -> Mapping[str, tuple[float, ...]]:
        """Nothing is fitted."""
        return {}

    @property
    def errors(self) -> ErrorBars:
        """Nothing is known."""
        return ErrorBars()

    def table_luts(self, table: Table) -> int:
        """One LUT per output bit."""
        return table.width

    def table_text(self, table: Table) -> str:
        """Write every output bit as a constant that the inputs index."""
        size = len(table.values)
        lines = []
        for bit, column in enumerate(table.columns):
            word = sum(level << at for at, level in enumerate(column))
            lines.append(f"  wire [{size - 1}:0] t{bit} = {size}'h{word:x}; assign o[{bit}] = t{bit}[i];\n")
        return "".join(lines)

    def adder_luts(self, span: int, width: int) -> int:
        """One LUT per bit of the sum."""
        return min(width, span + 2)

    def rom_style(self, bits: int, depth: int) -> Style:
        """Small ROMs go to LUTs."""
        return Style.LUT if depth <= self.lut_rom_words and bits * depth <= LUT_ROM_BITS else Style.BLOCK

    def weight_style(self, depth: int) -> Style:
        """Short ones go to LUTs, whose word per clock memory blocks cannot match."""
        return Style.LUT if depth <= self.auto_lut_words else Style.BLOCK

    def rom(self, bits: int, depth: int, style: Style) -> MemoryPrice:
        """Count 16 words per LUT and its multiplexers, or memory blocks."""
        if style is Style.BLOCK:
            return MemoryPrice(ram=_blocks(bits, depth))
        leaves = -(-depth // (1 << self.table_inputs))
        return MemoryPrice(luts=0 if depth == 1 else bits * (leaves + self.multiplexer(leaves)), ffs=bits)

    def rom_text(self, rom: Rom, words: Sequence[int]) -> str:
        """Write a case statement."""
        cases = "".join(f"    {at}: r <= {rom.bits}'h{word:x};\n" for at, word in enumerate(words[:-1]))
        last = f"    default: r <= {rom.bits}'h{words[-1]:x};\n"
        start = f"  reg [{rom.bits - 1}:0] r; assign q = r;\n  always @(posedge clk) case (a)\n"
        return f"{start}{cases}{last}  endcase\n"

    def ram(self, bits: int, depth: int) -> MemoryPrice:
        """Up to 32 words are kept in LUTs."""
        if depth <= 32:
            return MemoryPrice(luts=self.lut_ram(bits, depth))
        return MemoryPrice(ram=_blocks(bits, depth))

    def lut_ram(self, bits: int, depth: int) -> float:
        """Count 16 bits per LUT, and multiplexers."""
        rows = -(-depth // (1 << self.table_inputs))
        return bits * (rows + self.multiplexer(rows))

    def multiplexer(self, ways: int) -> float:
        """A LUT chooses between two."""
        return float(ways - 1)

    def comparator(self, bits: int) -> float:
        """One LUT per bit in front of a carry chain."""
        return float(bits)

    def packed(self, lut: float, chains: float, units: Sequence[str]) -> float:  # noqa: ARG002 - others know more
        """As counted."""
        return lut

    def delay(self, clocks: int) -> MemoryPrice:
        """Flip-flops."""
        return MemoryPrice(ffs=clocks)


def _blocks(bits: int, depth: int) -> int:
    """The fewest memory blocks whose words of 1, 2, 4 .. 32 bits lie side by side."""
    widths = (1 << step for step in range(BLOCK_WIDTH.bit_length()))
    return min(-(-bits // width) * -(-depth // (BLOCK_BITS // width)) for width in widths)


GENERIC: Final[Technology] = Generic()
