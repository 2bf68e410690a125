# SPDX-License-Identifier: Apache-2.0
"""Tables and multiplexers, as yosys 0.70 maps them to LUT4."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from drawplate_dataflow.technology import Table

# LUT4 of an output that depends on so many inputs: PFUMX joins two, L6MUX21 two of these.
_LUTS: Final = (0, 0, 1, 1, 1, 2, 4)
CHAIN_ENDS: Final = 2
"""LUT positions that nextpnr adds to a carry chain, to enter or to leave it."""


def table_luts(table: Table) -> int:
    """LUT4 of a table."""
    return sum(_LUTS[len(support)] for support in table.supports)


# LUT4 per bit of a multiplexer of so many inputs; synthesised, see fitting/modules.csv (dp_drain).
_WAYS: Final = (1, 2, 4, 10, 12, 20, 28, 64)
_PER_BIT: Final = (0.0, 1.0, 3.0, 8.6, 9.7, 17.7, 25.0, 56.0)


def multiplexer(ways: int) -> float:
    """LUT4 per bit of a multiplexer; between two synthesised sizes, in proportion."""
    for (below, low), (above, high) in pairwise(zip(_WAYS, _PER_BIT, strict=True)):
        if ways <= above:
            return low + (high - low) * (ways - below) / (above - below)
    return _PER_BIT[-1] * ways / _WAYS[-1]
