# SPDX-License-Identifier: Apache-2.0
"""Device families for tests: plain Verilog throughout, with tables and adders of several shapes."""

from __future__ import annotations

from drawplate_dataflow.technology import GENERIC, Generic, Multiplier


class Wide(Generic):
    """Tables of six inputs, three operands per carry chain, multipliers of 25 x 18 bits."""

    name = "wide"
    table_inputs = 6
    adder_operands = 3
    multiplier = Multiplier(name="multiplier", wide=25, narrow=18, sum_bits=48, longest=60)


class Five(Generic):
    """Tables of five inputs, and no multipliers."""

    name = "five"
    table_inputs = 5
    multiplier = None


WIDE, FIVE = Wide(), Five()
FAMILIES = (GENERIC, WIDE, FIVE)
