# SPDX-License-Identifier: Apache-2.0
"""Tables and adders gate by gate: every LUT by its INIT word, every adder by its carry chain."""

from __future__ import annotations

import numpy as np

from drawplate_dataflow.hardware.evaluate import Gates
from drawplate_target_z7020.xc7.tables import LUT_INPUTS, map_table

ADD3_INIT = 0x996669968888E8E8
"""INIT of the LUT6_2 in ``dp_add3.v``: O6 is the carry chain's select, O5 the carry-save output for the next bit."""


class Primitives(Gates):
    """LUT6, LUT6_2 and CARRY4."""

    def look_up(self, table, inputs):
        zero, outputs = np.zeros_like(inputs[0]), {}
        for lut in map_table(table):
            pins = [inputs[pin] for pin in lut.pins]
            if lut.o5 is None:
                outputs[lut.o6] = read(lut.init, pins or [zero])
            else:
                five = [*pins, *[zero] * (5 - len(pins))]
                outputs |= {lut.o6: read(lut.init, [*five, zero + 1]), lut.o5: read(lut.init, [*five, zero])}
        return [outputs[bit] for bit in range(table.width)]

    def add(self, operands, clear, width):
        """The slice of ``dp_add3.v``: LUT6_2 per bit, MUXCY and XORCY of the carry chain."""
        save, carry, sums = np.zeros_like(clear), np.zeros_like(clear), []
        for a, b, c in zip(*operands, strict=True):
            pins = [a, b, c, save, clear]
            select, following = read(ADD3_INIT, [*pins, np.ones_like(clear)]), read(ADD3_INIT, pins)
            sums.append(select ^ carry)
            carry = np.where(select, carry, save).astype(np.uint8)
            save = following
        return [*sums, save ^ carry, save & carry][:width]


def read(init, pins):
    """O6 of a LUT with ``pins`` on I0, I1, ..., the others low."""
    index = sum(level.astype(np.int64) << position for position, level in enumerate(pins))
    return np.array([(init >> at) & 1 for at in range(1 << LUT_INPUTS)], np.uint8)[index]
