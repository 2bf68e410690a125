# SPDX-License-Identifier: Apache-2.0
"""From yosys' cell counts to resources of a 7-series part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drawplate_dataflow.resources import Resources

# LUTs per cell: a LUT6_2 is one LUT6 with two outputs, an inverter becomes a LUT1, distributed RAM and shift registers
# sit in the LUTs of SLICEM (UG474, table 2-3).  yosys' own "estimated LCs" leave LUT6_2 out and must not be used.
LUTS: Final[Mapping[str, int]] = {
    **{f"LUT{inputs}": 1 for inputs in range(1, 7)},
    "LUT6_2": 1,
    "INV": 1,
    "SRL16E": 1,
    "SRLC32E": 1,
    "RAM32X1S": 1,
    "RAM64X1S": 1,
    "RAM32X1D": 2,
    "RAM64X1D": 2,
    "RAM128X1S": 2,
    "RAM256X1S": 4,
    "RAM32M": 4,
    "RAM64M": 4,
    "RAM128X1D": 4,
}
BRAM18: Final[Mapping[str, int]] = {"RAMB18E1": 1, "RAMB36E1": 2}


def count(statistics: Mapping[str, Any]) -> Resources:
    """Count what ``stat -json -tech xilinx`` printed of a whole design."""
    cells: Mapping[str, int] = statistics["design"]["num_cells_by_type"]
    return Resources(
        lut=sum(LUTS.get(kind, 0) * number for kind, number in cells.items()),
        ff=sum(number for kind, number in cells.items() if kind.startswith("FD")),
        ram=sum(BRAM18.get(kind, 0) * number for kind, number in cells.items()),
        multiplier=cells.get("DSP48E1", 0),
    )
