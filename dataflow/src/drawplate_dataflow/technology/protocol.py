# SPDX-License-Identifier: Apache-2.0
"""What the generator and the cost model have to know about a device family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import frozen

from drawplate_dataflow.technology.energy import EnergyPrices
from drawplate_dataflow.technology.memory import MemoryPrice, Rom, Style
from drawplate_dataflow.technology.multiplier import Multiplier
from drawplate_dataflow.technology.table import Table


@frozen
class Label:
    """How a family calls a resource."""

    name: str
    """In options and metrics, in small letters."""
    unit: str
    """In reports."""


@frozen(kw_only=True)
class ErrorBars:
    """Largest relative errors of estimates, on synthesised layers to which nothing was fitted; None where unknown."""

    lut: float | None = None
    ff: float | None = None


class Technology(Protocol):
    """A device family: what its logic, memories and multipliers look like, in Verilog and in price.

    There is one instance per family, compared by identity.  ``Generic`` is plain Verilog for everything, and a base
    class from which a family takes what it has nothing better for.
    """

    def __hash__(self) -> int:
        """By identity."""

    @property
    def name(self) -> str:
        """A short name, in small letters."""

    @property
    def labels(self) -> tuple[Label, Label, Label, Label]:
        """What LUTs, flip-flops, memory blocks and multiplier blocks are called."""

    @property
    def files(self) -> Mapping[str, bytes]:
        """Verilog that takes the place of library modules, by file name, with the same modules and ports.

        Adders (``dp_add2.v``, ``dp_add3.v``), ``dp_rom.v`` and what is made of multipliers (``dp_chain.v``,
        ``dp_accumulate.v``, ``dp_requant.v``) are the usual ones.
        """

    @property
    def models(self) -> Mapping[str, bytes]:
        """Behaviour of the family's primitives, for simulation at gate level only."""

    # tables and adders ------------------------------------------------------------------------------------------

    @property
    def table_inputs(self) -> int:
        """Inputs of the largest table that is considered, at least 4."""

    def table_luts(self, table: Table) -> int:
        """Return the LUTs of a table."""

    def table_text(self, table: Table) -> str:
        """Write the statements of a module with ``input i[inputs]`` and ``output o[width]``."""

    @property
    def adder_operands(self) -> int:
        """Operands that one carry chain adds: 2, or 3 where a LUT adds the third in front of the chain."""

    def adder_luts(self, span: int, width: int) -> int:
        """Return the LUTs of an adder (``dp_add2`` or ``dp_add3``) of operands of ``span`` bits to ``width`` bits."""

    # memories ---------------------------------------------------------------------------------------------------

    def rom_style(self, bits: int, depth: int) -> Style:
        """Choose what a ROM of thresholds, offsets or factors is made of."""

    def weight_style(self, depth: int) -> Style:
        """Choose what weights of so many words are made of, where the model does not say."""

    @property
    def lut_rom_words(self) -> int:
        """Words of the deepest ROM in LUTs."""

    def rom(self, bits: int, depth: int, style: Style) -> MemoryPrice:
        """Return what a ROM takes, its output register included."""

    def rom_text(self, rom: Rom, words: Sequence[int]) -> str:
        """Write the statements of a ROM in LUTs: ``q`` is the word at address ``a`` one ``clk`` later."""

    @property
    def rom_clocks(self) -> int:
        """Clocks from the address of a ROM to its word: 1, or 2 where a register has to follow slow memory blocks."""

    def ram(self, bits: int, depth: int) -> MemoryPrice:
        """Return what a memory with a write port and a clocked read port takes (``dp_fifo``, ``dp_window``)."""

    def lut_ram(self, bits: int, depth: int) -> float:
        """Return the LUTs of one that is read at once (``dp_replay``, ``dp_results``), its multiplexers included."""

    # other logic ------------------------------------------------------------------------------------------------

    @property
    def multiplier(self) -> Multiplier | None:
        """The multiplier block; None where layers are to do without."""

    def multiplexer(self, ways: int) -> float:
        """Return the LUTs per bit of a multiplexer."""

    def comparator(self, bits: int) -> float:
        """Return the LUTs of ``a >= b``."""

    def delay(self, clocks: int) -> MemoryPrice:
        """Return what a bit takes that is delayed by so many clocks (``dp_delay``)."""

    def packed(self, lut: float, chains: float, units: Sequence[str]) -> float:
        """Return the LUTs of a part that a placer needs, for counted LUTs with carry chains in layers and forks.

        It is linear in LUTs and in chains.

        Args:
            lut: that are counted.
            chains: adders of processing elements, and as many as what else takes room like them.
            units: kinds of all layers and forks (:func:`drawplate_dataflow.hardware.chains.units`).
        """

    # fits -------------------------------------------------------------------------------------------------------

    @property
    def constants(self) -> Mapping[str, tuple[float, ...]]:
        """LUTs per term of a library module (:mod:`drawplate_dataflow.hardware.library`), by module.

        A module that is not in it takes what is counted, and nothing more.
        """

    @property
    def errors(self) -> ErrorBars:
        """How far estimates are off."""

    @property
    def energies(self) -> EnergyPrices | None:
        """What switching costs; None where nothing is published."""
