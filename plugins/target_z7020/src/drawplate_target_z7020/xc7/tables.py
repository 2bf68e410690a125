# SPDX-License-Identifier: Apache-2.0
"""How small truth tables fall into the six-input look-up tables of 7-series devices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from attrs import frozen

from drawplate_dataflow.technology import Table

LUT_INPUTS: Final = 6


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


def map_table(table: Table) -> tuple[Lut, ...]:
    """Map a truth table to LUTs, two output bits to a LUT6_2 wherever their supports fit together.

    Raises:
        ValueError: when the table has more inputs than a LUT.
    """
    return _map(table.inputs, table.values)


@lru_cache(maxsize=4096)
def _map(inputs: int, values: tuple[int, ...]) -> tuple[Lut, ...]:
    if inputs > LUT_INPUTS:
        raise ValueError(f"a table of {inputs} inputs; at most {LUT_INPUTS} inputs fit")
    table = Table("mapped", inputs, values)
    columns, supports = table.columns, table.supports
    luts: list[Lut] = []
    todo = list(range(table.width))
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
    return tuple(luts)


def _partner(bit: int, others: list[int], supports: Sequence[tuple[int, ...]]) -> int | None:
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


def table_text(table: Table) -> str:
    """Write the LUTs of a table between its ports ``i`` and ``o``."""
    lines = []
    for number, lut in enumerate(map_table(table)):
        paired = lut.o5 is not None
        used = [f"i[{pin}]" for pin in lut.pins]
        used += ["1'b0"] * ((5 if paired else LUT_INPUTS) - len(used))
        pins = ", ".join(f".I{at}({net})" for at, net in enumerate(used))
        head = f"#(.INIT(64'h{lut.init:016x})) t{number}({pins}"
        if paired:
            lines.append(f"  LUT6_2 {head}, .I5(1'b1), .O6(o[{lut.o6}]), .O5(o[{lut.o5}]));\n")
        else:
            lines.append(f"  LUT6 {head}, .O(o[{lut.o6}]));\n")
    return "".join(lines)
