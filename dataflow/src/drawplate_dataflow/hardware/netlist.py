# SPDX-License-Identifier: Apache-2.0
"""A feed-forward, fully pipelined netlist of tables, ternary adders and registers.

It is written out as Verilog, and evaluated gate by gate (:mod:`.evaluate`), from the same cells; it counts its own
LUTs and flip-flops while it is built.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field, frozen

from drawplate_dataflow.hardware.table import Table

Bit = str
"""A net: ``name[index]``, or one of the constants below."""
Bus = tuple[Bit, ...]
"""Nets, the least significant first."""
ZERO: Bit = "1'b0"


@frozen
class TableCell:
    """One use of a table."""

    table: Table
    inputs: Bus
    output: str


@frozen
class AddCell:
    """``output = a + b + (0 if clear else c)``, see ``dp_add3.v``."""

    a: Bus
    b: Bus
    c: Bus
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

    cells: list[Cell] = field(factory=list)
    tables: dict[str, Table] = field(factory=dict)
    luts: int = 0
    ffs: int = 0

    def table(self, table: Table, inputs: Bus) -> Bus:
        """Look up ``inputs`` in a table."""
        if len(inputs) != table.inputs:
            raise ValueError(f"table {table.name} has {table.inputs} inputs, got {len(inputs)}")
        self.tables[table.name] = table
        name = self._name()
        self.cells.append(TableCell(table, inputs, name))
        self.luts += len(table.luts)
        return nets(name, table.width)

    def add(self, operands: Sequence[Bus], width: int, clear: Bit = ZERO) -> Bus:
        """Add two or three operands; ``clear`` masks the third."""
        span = max(len(operand) for operand in operands)
        a, b, c = (pad(bus, span) for bus in (*operands, *((),) * (3 - len(operands))))
        name = self._name()
        self.cells.append(AddCell(a, b, c, name, width, clear))
        self.luts += min(width, span + 1)
        return nets(name, width)

    def register(self, bus: Bus) -> Bus:
        """Delay by one clock; constant bits stay constants."""
        kept = tuple(bit for bit in bus if bit != ZERO)
        name = self._name("r")
        self.cells.append(RegisterCell(kept, name))
        self.ffs += len(kept)
        fresh = iter(nets(name, len(kept)))
        return tuple(ZERO if bit == ZERO else next(fresh) for bit in bus)

    def _name(self, prefix: str = "n") -> str:
        return f"{prefix}{len(self.cells)}"


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


def verilog(cells: Sequence[Cell]) -> list[str]:
    """Write cells as Verilog statements that need ``clk``."""
    lines: list[str] = []
    for cell in cells:
        match cell:
            case TableCell(table, inputs, output):
                lines.append(
                    f"  wire [{table.width - 1}:0] {output}; {table.name} u{output}(.i({join(inputs)}), .o({output}));"
                )
            case AddCell(a, b, c, output, width, clear):
                lines.append(
                    f"  wire [{width - 1}:0] {output}; dp_add3 #(.W({len(a)}), .WO({width})) u{output}"
                    f"(.a({join(a)}), .b({join(b)}), .c({join(c)}), .clear({clear}), .s({output}));"
                )
            case RegisterCell(inputs, output):
                lines.append(f"  reg [{len(inputs) - 1}:0] {output}; always @(posedge clk) {output} <= {join(inputs)};")
    return lines
