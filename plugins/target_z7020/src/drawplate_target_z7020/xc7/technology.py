# SPDX-License-Identifier: Apache-2.0
"""What the generator and the cost model have to know about 7-series devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from drawplate_dataflow.technology import EnergyPrices, Fitted, Label, MemoryPrice, Multiplier, Rom, Style, Table
from drawplate_target_z7020.xc7.energy import ENERGIES
from drawplate_target_z7020.xc7.logic import delay, multiplexer
from drawplate_target_z7020.xc7.memory import block_rom, lut_ram, ram
from drawplate_target_z7020.xc7.positions import LUTS_OF_A_SLICE, PER_SLICE, positions
from drawplate_target_z7020.xc7.roms import LUT_DEPTH, lut_count, rom_text
from drawplate_target_z7020.xc7.tables import LUT_INPUTS, map_table, table_text

DSP48E1: Final = Multiplier(name="DSP48E1", wide=25, narrow=18, sum_bits=48, longest=60)
"""Ports and sum: UG479.  A column has 60 blocks, 20 in each of the XC7Z020's three rows of clock regions."""


class Xc7(Fitted):
    """LUTs of six inputs or twice five, three operands per carry chain, RAMB18E1, DSP48E1."""

    name: str = "xc7"
    labels: tuple[Label, Label, Label, Label] = (
        Label("lut", "LUT"),
        Label("ff", "FF"),
        Label("bram18", "RAMB18"),
        Label("dsp", "DSP48E1"),
    )
    table_inputs: int = LUT_INPUTS
    adder_operands: int = 3
    lut_rom_words: int = LUT_DEPTH
    multiplier: Multiplier | None = DSP48E1
    energies: EnergyPrices = ENERGIES

    own: tuple[str, ...] = ("dp_add3.v", "dp_chain.v", "dp_accumulate.v", "dp_requant.v")
    cells: tuple[str, ...] = ("primitives_sim.v",)
    judged: str = "layers"
    """On synthesised layers."""

    @property
    def package(self) -> str:
        """This one."""
        return __package__ or ""

    def table_luts(self, table: Table) -> int:
        """LUT6, or LUT6_2 where it gives two outputs."""
        return len(map_table(table))

    def table_text(self, table: Table) -> str:
        """Write the LUTs with their INIT words."""
        return table_text(table)

    def adder_luts(self, span: int, width: int) -> int:
        """One LUT6_2 per bit of the operands, and a LUT1 for the bit above."""
        return min(width, span + 1)

    def rom(self, bits: int, depth: int, style: Style) -> MemoryPrice:
        """LUT6 joined by MUXF7 and MUXF8, or RAMB18."""
        return MemoryPrice(luts=lut_count(bits, depth), ffs=bits) if style is Style.LUT else block_rom(bits, depth)

    def rom_text(self, rom: Rom, words: Sequence[int]) -> str:
        """Write the LUTs with their INIT words."""
        return rom_text(rom, words)

    def ram(self, bits: int, depth: int) -> MemoryPrice:
        """RAM32M and RAM64M, or RAMB18."""
        return ram(bits, depth)

    def lut_ram(self, bits: int, depth: int) -> float:
        """RAM32M or RAM64M, with multiplexers behind."""
        return lut_ram(bits, depth) + bits * multiplexer(-(-depth // 64))

    def multiplexer(self, ways: int) -> float:
        """As yosys maps it to LUT6, MUXF7 and MUXF8."""
        return multiplexer(ways)

    def comparator(self, bits: int) -> float:
        """One LUT5 and one LUT6 compare three bits and feed the carry chain."""
        return float(-(-2 * bits // 3))

    def packed(self, lut: float, chains: float, units: Sequence[str]) -> float:
        """Whole slices, filled as in what was placed."""
        return LUTS_OF_A_SLICE * positions(lut, chains, units) / PER_SLICE

    def delay(self, clocks: int) -> MemoryPrice:
        """Shift registers in LUTs."""
        return delay(clocks)


XC7: Final = Xc7()
