# SPDX-License-Identifier: Apache-2.0
"""A feed-forward, fully pipelined netlist of tables, adders and registers.

It is written out as Verilog, and evaluated cell by cell (:mod:`.evaluate`), from the same cells; it counts its own
LUTs and flip-flops while it is built, in the technology that it is built for.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field, frozen

from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Table, Technology

Bit = str
"""A net: ``name[index]``, or one of the constants below."""
Bus = tuple[Bit, ...]
"""Nets, the least significant first."""
ZERO: Bit = "1'b0"
SOME: Bit = "some"
"""Any net, where nets are only counted."""


@frozen
class TableCell:
    """One use of a table."""

    table: Table
    inputs: Bus
    output: str


@frozen
class AddCell:
    """The sum of two or three operands of one width; ``clear`` masks the last, see ``dp_add2.v``, ``dp_add3.v``."""

    operands: tuple[Bus, ...]
    output: str
    width: int
    clear: Bit


@frozen
class RegisterCell:
    """``output`` follows ``inputs`` one clock later."""

    inputs: Bus
    output: str


Cell = TableCell | AddCell | RegisterCell


def nets(name: str, width: int) -> Bus:
    """Return the bits of a named vector."""
    return tuple(f"{name}[{bit}]" for bit in range(width))


def pad(bus: Bus, width: int) -> Bus:
    """Extend with zeros, or cut, to ``width`` bits."""
    return (*bus, *(ZERO,) * (width - len(bus)))[:width]


@define
class Netlist:
    """Cells in the order in which they can be evaluated."""

    technology: Technology
    cells: list[Cell] = field(factory=list)
    tables: dict[str, Table] = field(factory=dict)
    luts: int = 0
    ffs: int = 0
    adders: int = 0
    """Carry chains."""

    def table(self, table: Table, inputs: Bus) -> Bus:
        """Look up ``inputs`` in a table."""
        if not len(inputs) == table.inputs <= (most := self.technology.table_inputs):
            raise ValueError(f"table {table.name} of {table.inputs} inputs, got {len(inputs)}, at most {most}")
        self.tables[table.name] = table
        name = self._name()
        self.cells.append(TableCell(table, inputs, name))
        self.luts += self.technology.table_luts(table)
        return nets(name, table.width)

    def add(self, operands: Sequence[Bus], width: int, clear: Bit = ZERO) -> Bus:
        """Add at most as many operands as a carry chain does; ``clear`` masks the last of them."""
        most, span = self.technology.adder_operands, max(len(operand) for operand in operands)
        wide = tuple(pad(bus, span) for bus in (*operands, *((),) * (most - len(operands))))
        name = self._name()
        self.cells.append(AddCell(wide, name, width, clear))
        self.luts += self.technology.adder_luts(span, width)
        self.adders += 1
        return nets(name, width)

    def register(self, bus: Bus) -> Bus:
        """Delay by one clock; constant bits stay constants."""
        kept = tuple(bit for bit in bus if bit != ZERO)
        name = self._name("r")
        self.cells.append(RegisterCell(kept, name))
        self.ffs += len(kept)
        fresh = iter(nets(name, len(kept)))
        return tuple(ZERO if bit == ZERO else next(fresh) for bit in bus)

    @property
    def resources(self) -> Resources:
        """What was counted."""
        return Resources(lut=self.luts, ff=self.ffs, chains=self.adders)

    def _name(self, prefix: str = "n") -> str:
        return f"{prefix}{len(self.cells)}"


@define
class Tally(Netlist):
    """What a netlist would count, each operation so many times; no cell is kept, and nets have no names."""

    times: int = 1

    def table(self, table: Table, inputs: Bus) -> Bus:
        """Count a table."""
        del inputs
        self.luts += self.times * self.technology.table_luts(table)
        return (SOME,) * table.width

    def add(self, operands: Sequence[Bus], width: int, clear: Bit = ZERO) -> Bus:
        """Count an adder."""
        del clear
        self.luts += self.times * self.technology.adder_luts(max(map(len, operands)), width)
        self.adders += self.times
        return (SOME,) * width

    def register(self, bus: Bus) -> Bus:
        """Count the bits that are not constant."""
        self.ffs += self.times * (len(bus) - bus.count(ZERO))
        return bus


def join(bus: Bus) -> str:
    """Write a bus as a Verilog expression, consecutive bits of one vector as a range."""
    parts: list[str] = []
    at = len(bus) - 1
    while at >= 0:
        start = at
        name, index = _split(bus[at])
        while at > 0 and name and _split(bus[at - 1]) == (name, index - (start - at) - 1):
            at -= 1
        low = index - (start - at)
        parts.append(bus[start] if start == at else f"{name}[{index}:{low}]")
        at -= 1
    return parts[0] if len(parts) == 1 else "{" + ", ".join(parts) + "}"


def _split(bit: Bit) -> tuple[str, int]:
    name, bracket, index = bit.partition("[")
    return (name, int(index[:-1])) if bracket else ("", -1)


def verilog(cells: Sequence[Cell], prefix: str) -> list[str]:
    """Write cells as Verilog statements that need ``clk``; ``prefix`` starts the names of the tables' modules."""
    lines: list[str] = []
    for cell in cells:
        match cell:
            case TableCell(table, inputs, output):
                lines.append(
                    f"  wire [{table.width - 1}:0] {output};"
                    f" {prefix}_{table.name} u{output}(.i({join(inputs)}), .o({output}));"
                )
            case AddCell(operands, output, width, clear):
                module, ports = f"dp_add{len(operands)}", zip("abc", operands, strict=False)
                lines.append(
                    f"  wire [{width - 1}:0] {output}; {module} #(.W({len(operands[0])}), .WO({width})) u{output}"
                    f"({', '.join(f'.{port}({join(bus)})' for port, bus in ports)}, .clear({clear}), .s({output}));"
                )
            case RegisterCell(inputs, output):
                lines.append(f"  reg [{len(inputs) - 1}:0] {output}; always @(posedge clk) {output} <= {join(inputs)};")
    return lines


def table_module(table: Table, prefix: str, technology: Technology) -> str:
    """Write the module of a table."""
    ports = f"input wire [{table.inputs - 1}:0] i, output wire [{table.width - 1}:0] o"
    return f"module {prefix}_{table.name}({ports});\n{technology.table_text(table)}endmodule\n"
