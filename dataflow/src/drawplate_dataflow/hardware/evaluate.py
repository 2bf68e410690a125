# SPDX-License-Identifier: Apache-2.0
"""Evaluation of a netlist, cell by cell, for many inputs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from drawplate_dataflow.hardware.netlist import ZERO, AddCell, Bit, Bus, Netlist, RegisterCell, TableCell
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Table

Levels = NDArray[np.uint8]
"""One bit per test vector."""


class Gates:
    """What tables and adders compute; a technology's primitives can take their place."""

    def look_up(self, table: Table, inputs: Sequence[Levels]) -> list[Levels]:
        """Return the output bits of a table."""
        found = np.array(table.values)[_number(inputs)]
        return [((found >> bit) & 1).astype(np.uint8) for bit in range(table.width)]

    def add(self, operands: Sequence[Sequence[Levels]], clear: Levels, width: int) -> list[Levels]:
        """Return the bits of a sum, whose last operand ``clear`` masks."""
        values = [_number(bits) for bits in operands]
        total = np.where(clear, 0, values[-1]) + np.sum(values[:-1], axis=0)
        return [((total >> bit) & 1).astype(np.uint8) for bit in range(width)]


def _number(bits: Sequence[Levels]) -> Integers:
    total: Integers = np.sum([level.astype(np.int64) << at for at, level in enumerate(bits)], axis=0)
    return total


def evaluate(net: Netlist, inputs: Mapping[Bit, Levels], latency: int, gates: Gates | None = None) -> dict[Bit, Levels]:
    """Evaluate all cells.

    Args:
        net: the netlist.
        inputs: levels of the nets that come from outside, each [vectors].
        latency: clocks after which ``acc`` and ``first`` are used.
        gates: what tables and adders compute.

    Returns:
        The levels of all nets.

    Raises:
        ValueError: when nets that meet in a cell are of different ages in clocks.
    """
    vectors, gates = len(next(iter(inputs.values()))), gates or Gates()
    values: dict[Bit, Levels] = {**inputs, ZERO: np.zeros(vectors, np.uint8)}
    ages = {bit: latency if bit.startswith(("acc", "first")) else 0 for bit in inputs}
    for cell in net.cells:
        seen = {ages[bit] for bit in _used(cell) if bit != ZERO}
        if len(seen) > 1:
            raise ValueError(f"cell {cell.output} mixes ages {sorted(seen)}")
        age = max(seen, default=0)
        for bit, level in enumerate(_outputs(cell, values, gates)):
            values[f"{cell.output}[{bit}]"] = level
            ages[f"{cell.output}[{bit}]"] = age + isinstance(cell, RegisterCell)
    return values


def _used(cell: TableCell | AddCell | RegisterCell) -> Bus:
    if isinstance(cell, AddCell):
        return (*(bit for operand in cell.operands for bit in operand), cell.clear)
    return cell.inputs


def _outputs(cell: TableCell | AddCell | RegisterCell, values: Mapping[Bit, Levels], gates: Gates) -> list[Levels]:
    match cell:
        case RegisterCell(inputs, _):
            return [values[bit] for bit in inputs]
        case TableCell(table, inputs, _):
            return gates.look_up(table, [values[bit] for bit in inputs])
        case AddCell(operands, _, width, clear):
            return gates.add([[values[bit] for bit in operand] for operand in operands], values[clear], width)
