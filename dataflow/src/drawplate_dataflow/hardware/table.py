# SPDX-License-Identifier: Apache-2.0
"""Small truth tables and how they fall into the six-input look-up tables of 7-series devices."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

LUT_INPUTS = 6


@frozen
class Lut:
    """One LUT6, or one LUT6_2 where it gives two outputs of at most five shared inputs.

    Attributes:
        pins: table inputs on I0, I1, ...; the others are tied low (I5 of a LUT6_2 high).
        init: the 64-bit INIT word.
        o6: table output bit on O6.
        o5: table output bit on O5, None for a LUT6.
    """

    pins: tuple[int, ...]
    init: int
    o6: int
    o5: int | None = None


@frozen
class Table:
    """A function of at most six bits, ``values[input]``, as a list of LUTs."""

    name: str
    inputs: int
    values: tuple[int, ...]
    luts: tuple[Lut, ...]

    @property
    def maximum(self) -> int:
        """The largest value."""
        return max(self.values)

    @property
    def width(self) -> int:
        """Output bits."""
        return max(1, self.maximum.bit_length())


def make_table(name: str, inputs: int, values: Sequence[int]) -> Table:
    """Map a truth table to LUTs, two output bits to a LUT6_2 wherever their supports fit together.

    Args:
        name: module name.
        inputs: number of inputs; input ``i`` is bit ``i`` of the index into ``values``.
        values: the ``2**inputs`` non-negative values.

    Raises:
        ValueError: when the table has more inputs than a LUT, or the wrong number of values.
    """
    if inputs > LUT_INPUTS or len(values) != 1 << inputs:
        raise ValueError(f"table {name}: {inputs} inputs, {len(values)} values; at most {LUT_INPUTS} inputs fit")
    width = max(1, max(values).bit_length())
    columns = [tuple((value >> bit) & 1 for value in values) for bit in range(width)]
    supports = [_support(column, inputs) for column in columns]
    luts: list[Lut] = []
    todo = list(range(width))
    while todo:
        bit = todo.pop(0)
        partner = _partner(bit, todo, supports)
        if partner is None:
            pins = supports[bit]
            luts.append(Lut(pins, _init(columns[bit], pins, LUT_INPUTS), bit))
            continue
        todo.remove(partner)
        pins = tuple(sorted({*supports[bit], *supports[partner]}))
        high, low = _init(columns[bit], pins, 5), _init(columns[partner], pins, 5)
        luts.append(Lut(pins, (high << 32) | low, bit, partner))
    return Table(name, inputs, tuple(values), tuple(luts))


def _support(column: Sequence[int], inputs: int) -> tuple[int, ...]:
    """Return the inputs that an output bit depends on."""
    every = range(len(column))
    return tuple(pin for pin in range(inputs) if any(column[at] != column[at ^ (1 << pin)] for at in every))


def _partner(bit: int, others: list[int], supports: list[tuple[int, ...]]) -> int | None:
    """Return the bit that shares a LUT6_2 with ``bit`` using the fewest inputs, if any."""
    unions = {other: len({*supports[bit], *supports[other]}) for other in others}
    fitting = [other for other in others if unions[other] <= LUT_INPUTS - 1]
    return min(fitting, key=lambda other: unions[other]) if fitting else None


def _init(column: Sequence[int], pins: Sequence[int], inputs: int) -> int:
    """INIT bits of an ``inputs``-input LUT whose I0, I1, ... are the table's ``pins``."""
    word = 0
    for at in range(1 << inputs):
        index = sum(((at >> position) & 1) << pin for position, pin in enumerate(pins))
        word |= column[index] << at
    return word


def verilog(table: Table) -> str:
    """Write a table as a module with ports ``i`` and ``o``."""
    lines = [f"module {table.name}(input wire [{table.inputs - 1}:0] i, output wire [{table.width - 1}:0] o);"]
    for number, lut in enumerate(table.luts):
        paired = lut.o5 is not None
        used = [f"i[{pin}]" for pin in lut.pins]
        used += ["1'b0"] * ((5 if paired else LUT_INPUTS) - len(used))
        pins = ", ".join(f".I{at}({net})" for at, net in enumerate(used))
        head = f"#(.INIT(64'h{lut.init:016x})) t{number}({pins}"
        if paired:
            lines.append(f"  LUT6_2 {head}, .I5(1'b1), .O6(o[{lut.o6}]), .O5(o[{lut.o5}]));")
        else:
            lines.append(f"  LUT6 {head}, .O(o[{lut.o6}]));")
    return "\n".join([*lines, "endmodule", ""])
