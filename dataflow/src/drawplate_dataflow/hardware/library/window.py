# SPDX-License-Identifier: Apache-2.0
"""The library module of a sliding window: its ring of rows, counters and addresses."""

from __future__ import annotations

from math import gcd
from typing import Final

from attrs import frozen

from drawplate_dataflow.hardware.library.module import Counted, LibraryModule, Parameters
from drawplate_dataflow.hardware.text import address_bits
from drawplate_dataflow.technology import MemoryPrice, Technology


@frozen
class WindowShape:
    """The local parameters of ``dp_window.v``."""

    parameters: Parameters
    technology: Technology

    def __getitem__(self, name: str) -> int:
        return self.parameters[name]

    @property
    def positions(self) -> tuple[int, int]:
        """Rows and columns of output pixels."""
        down, across = self.reach
        return (self["H"] - down) // self["SH"] + 1, (self["W"] - across) // self["SW"] + 1

    @property
    def reach(self) -> tuple[int, int]:
        """Rows and columns that a window reaches over."""
        down, across = (self.parameters.get(name, 1) for name in ("DH", "DW"))
        return (self["KH"] - 1) * down + 1, (self["KW"] - 1) * across + 1

    @property
    def pitch(self) -> int:
        """Words of a row."""
        return self["W"] * self["WORDS"]

    @property
    def step(self) -> int:
        """Rows that end with an output row."""
        return min(self.reach[0], self["SH"])

    @property
    def choosing(self) -> tuple[int, ...]:
        """Largest numbers of the counters that tell which rows are kept, where some are not."""
        needed = (self.positions[0] - 1) * self["SH"] + self.reach[0]
        if self["SH"] > self.reach[0]:
            return (self["H"], self["SH"])
        return (self["H"],) if needed < self["H"] else ()

    @property
    def memory(self) -> MemoryPrice:
        """The ring of rows."""
        return self.technology.ram(self["BITS"], self["ROWS"] * self.pitch)

    @property
    def address(self) -> int:
        """Bits of an address."""
        return address_bits(self["ROWS"] * self.pitch)

    @property
    def moving(self) -> int:
        """Bits of the current row, of the window in a row and of the column in a window, without constant zeros."""
        left = self["SW"] * self["WORDS"] if self.positions[1] > 1 else 0
        offset = self["WORDS"] if self["KW"] > 1 else 0
        return sum(self.address - _zeros(step) for step in (self.pitch, left, offset) if step)

    @property
    def registers(self) -> int:
        """Flip-flops, as yosys 0.70 leaves them: of three registers with constant low bits it keeps one such bit."""
        high, wide = self.positions
        same = self.step == self.reach[0]
        counters = [self["KH"], self["KW"], self["WORDS"], wide, 1 if same else high]
        moved = (self.pitch, self["KH"]), (self["SW"] * self["WORDS"], wide), (self["WORDS"], self["KW"])
        kept = sum(_zeros(step) > 0 for step, values in moved if values > 1)
        base = self.address - _zeros(self.pitch * gcd(self.step, self.reach[0], self["ROWS"]))
        arriving = self.address + self.pitch.bit_length() + self["ROWS"].bit_length()
        output = 1 + (0 if self.memory.ram else self["BITS"])
        arriving += sum(largest.bit_length() for largest in self.choosing)
        return arriving + sum(map(_values, counters)) + base + self.moving + kept + output


def _window(p: Parameters, technology: Technology) -> Counted:
    shape = WindowShape(p, technology)
    memory = shape.memory
    luts = memory.luts + p["BITS"] * technology.multiplexer(memory.rows)
    return Counted(luts, shape.registers, (1.0, float(shape.address), float(shape.moving)), memory.ram)


def _values(values: int) -> int:
    return values.bit_length() if values > 1 else 0


def _zeros(number: int) -> int:
    """Zeros at the low end."""
    return (number & -number).bit_length() - 1


WINDOW: Final = LibraryModule("dp_window", _window)
