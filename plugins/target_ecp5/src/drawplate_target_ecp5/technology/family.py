# SPDX-License-Identifier: Apache-2.0
"""Lattice ECP5: LUT4 joined to LUT5 and LUT6 by PFUMX and L6MUX21, CCU2C carry chains, memories of 16 Kibit.

Lattice FPGA-DS-02012, FPGA-TN-02204 and -02205; prices are those of yosys' mapping (see :mod:`.logic`, fitting/).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drawplate_dataflow.technology import (
    Fitted,
    Label,
    MemoryPrice,
    Multiplier,
    Rom,
    Style,
    Table,
    Technology,
)
from drawplate_target_ecp5.boards import LABELS
from drawplate_target_ecp5.technology import memory
from drawplate_target_ecp5.technology.logic import CHAIN_ENDS, multiplexer, table_luts

MULT18X18D: Final = Multiplier(name="MULT18X18D", wide=18, narrow=18, sum_bits=48, longest=0)
"""It requantises.  Its sums are not chained: nothing of what yosys infers adds up inside the block."""


class Ecp5(Fitted):
    """LUT4 in pairs on two-operand carry chains, LUTs of up to six inputs made of up to four, DP16KD."""

    name: str = "ecp5"
    labels: tuple[Label, Label, Label, Label] = LABELS
    table_inputs: int = 6
    adder_operands: int = 2
    rom_clocks: int = 2
    """A word leaves a DP16KD 5.7 ns after the clock (speed grade 6, without its output register)."""
    multiplier: Multiplier | None = MULT18X18D

    own: tuple[str, ...] = ("dp_add2.v",)
    cells: tuple[str, ...] = ("models.v",)
    judged: str = "designs"
    """On placed perceptrons; two numbers were set by hand, see :mod:`drawplate_target_ecp5.fitting.fit`."""

    @property
    def package(self) -> str:
        """This one."""
        return __package__ or ""

    def table_luts(self, table: Table) -> int:
        """LUT4, joined where an output depends on more than four inputs."""
        return table_luts(table)

    def adder_luts(self, span: int, width: int) -> int:
        """Two bits per CCU2C, and what nextpnr adds to a chain of ours: as many more as at both ends, as placed."""
        return 2 * -(-min(width, span + 2) // 2) + 2 * CHAIN_ENDS

    def rom(self, bits: int, depth: int, style: Style) -> MemoryPrice:
        """Memory blocks, or LUTs and what joins them."""
        if style is Style.BLOCK:
            return memory.block(bits, depth)
        return MemoryPrice(luts=memory.lut_rom(bits, depth), ffs=bits)

    def rom_text(self, rom: Rom, words: Sequence[int]) -> str:
        """Write every bit as a constant that is indexed; yosys would put a case statement into memory blocks."""
        bits, size = max(1, (rom.depth - 1).bit_length()), rom.bits - 1
        lines = [f"  wire [{size}:0] d; reg [{size}:0] r; assign q = r; always @(posedge clk) r <= d;\n"]
        for bit in range(rom.bits):
            column = f"{1 << bits}'h{sum(((word >> bit) & 1) << at for at, word in enumerate(words)):x}"
            lines.append(f"  wire [{(1 << bits) - 1}:0] c{bit} = {column}; assign d[{bit}] = c{bit}[a];\n")
        return "".join(lines)

    def ram(self, bits: int, depth: int) -> MemoryPrice:
        """LUTs where they are cheaper than blocks."""
        return memory.ram(bits, depth)

    def lut_ram(self, bits: int, depth: int) -> float:
        """TRELLIS_DPR16X4 and multiplexers."""
        return memory.lut_ram(bits, depth) + bits * multiplexer(-(-depth // memory.SMALL_WORDS))

    def multiplexer(self, ways: int) -> float:
        """As yosys maps it."""
        return multiplexer(ways)

    def comparator(self, bits: int) -> float:
        """Two bits per CCU2C, and the ends of the chain."""
        return 2.0 * -(-bits // 2) + 2 * CHAIN_ENDS


ECP5: Final[Technology] = Ecp5()
"""Compared by identity: there is one."""
