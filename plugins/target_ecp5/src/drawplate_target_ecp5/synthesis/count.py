# SPDX-License-Identifier: Apache-2.0
"""From yosys' cell counts to resources of an ECP5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from drawplate_dataflow.resources import NAMES, Resources

# LUT4 per cell (Lattice FPGA-TN-02205): a CCU2C is the two LUTs of a slice, and so is a PFUMX's multiplexer for free;
# a 16 x 4 memory takes the four LUTs of two slices, and the two of a third that writes.
LUTS: Final[Mapping[str, int]] = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 6}
FFS: Final = "TRELLIS_FF"
BLOCK: Final = "DP16KD"
MULTIPLIER: Final = "MULT18X18D"


def count(cells: Mapping[str, Any]) -> Resources:
    """Add up cells, by type."""
    luts = sum(number * int(cells.get(kind, 0)) for kind, number in LUTS.items())
    rest = (int(cells.get(kind, 0)) for kind in (FFS, BLOCK, MULTIPLIER))
    return Resources(**dict(zip(NAMES, (luts, *rest), strict=True)))


def count_statistics(statistics: Mapping[str, Any]) -> Resources:
    """Count what ``stat -json`` printed of a flat design."""
    (module,) = statistics["modules"].values()
    return count(module["num_cells_by_type"])
