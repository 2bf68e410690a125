# SPDX-License-Identifier: Apache-2.0
"""Gate-level evaluation of a netlist: every LUT by its INIT word, every adder by its carry chain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from drawplate_dataflow.hardware.netlist import ZERO, AddCell, Bit, Bus, Netlist, RegisterCell, TableCell
from drawplate_dataflow.hardware.table import LUT_INPUTS, Lut

Levels = NDArray[np.uint8]
"""One bit per test vector."""

ADD3_INIT = 0x996669968888E8E8
"""INIT of the LUT6_2 in ``dp_add3.v``: O6 is the carry chain's select, O5 the carry-save output for the next bit."""


def evaluate(net: Netlist, inputs: Mapping[Bit, Levels], latency: int) -> dict[Bit, Levels]:
    """Evaluate all cells.

    Args:
        net: the netlist.
        inputs: levels of the nets that come from outside, each [vectors].
        latency: clocks after which ``acc`` and ``first`` are used.

    Returns:
        The levels of all nets.

    Raises:
        ValueError: when nets that meet in a cell are of different ages in clocks.
    """
    vectors = len(next(iter(inputs.values())))
    values: dict[Bit, Levels] = {**inputs, ZERO: np.zeros(vectors, np.uint8)}
    ages = {bit: latency if bit.startswith(("acc", "first")) else 0 for bit in inputs}
    for cell in net.cells:
        used = _used(cell)
        seen = {ages[bit] for bit in used if bit != ZERO}
        if len(seen) > 1:
            raise ValueError(f"cell {cell.output} mixes ages {sorted(seen)}")
        age = max(seen, default=0)
        results = _outputs(cell, values)
        for bit, level in enumerate(results):
            values[f"{cell.output}[{bit}]"] = level
            ages[f"{cell.output}[{bit}]"] = age + isinstance(cell, RegisterCell)
    return values


def _used(cell: TableCell | AddCell | RegisterCell) -> Bus:
    return (*cell.a, *cell.b, *cell.c, cell.clear) if isinstance(cell, AddCell) else cell.inputs


def _outputs(cell: TableCell | AddCell | RegisterCell, values: Mapping[Bit, Levels]) -> list[Levels]:
    match cell:
        case RegisterCell(inputs, _):
            return [values[bit] for bit in inputs]
        case TableCell(table, inputs, _):
            outputs: dict[int, Levels] = {}
            for lut in table.luts:
                outputs |= _lut(lut, [values[inputs[pin]] for pin in lut.pins], values[ZERO])
            return [outputs[bit] for bit in range(table.width)]
        case AddCell():
            return _add3(cell, values)


def _read(init: int, pins: list[Levels]) -> Levels:
    """O6 of a LUT with ``pins`` on I0, I1, ..., the others low."""
    index = np.zeros(len(pins[0]), np.int64)
    for position, level in enumerate(pins):
        index |= level.astype(np.int64) << position
    contents = np.array([(init >> at) & 1 for at in range(1 << LUT_INPUTS)], np.uint8)
    return contents[index]


def _lut(lut: Lut, pins: list[Levels], zero: Levels) -> dict[int, Levels]:
    if lut.o5 is None:
        return {lut.o6: _read(lut.init, pins or [zero])}
    five = [*pins, *[zero] * (5 - len(pins))]
    return {lut.o6: _read(lut.init, [*five, zero + 1]), lut.o5: _read(lut.init, [*five, zero])}


def _add3(cell: AddCell, values: Mapping[Bit, Levels]) -> list[Levels]:
    """The slice of ``dp_add3.v``: LUT6_2 per bit, MUXCY and XORCY of the carry chain."""
    clear = values[cell.clear]
    save = np.zeros_like(clear)
    carry = np.zeros_like(clear)
    sums: list[Levels] = []
    for a, b, c in zip(cell.a, cell.b, cell.c, strict=True):
        pins = [values[a], values[b], values[c], save, clear]
        select = _read(ADD3_INIT, [*pins, np.ones_like(clear)])
        following = _read(ADD3_INIT, pins)
        sums.append(select ^ carry)
        carry = np.where(select, carry, save).astype(np.uint8)
        save = following
    sums.append(save ^ carry)
    sums.append(save & carry)
    return sums[: cell.width]
