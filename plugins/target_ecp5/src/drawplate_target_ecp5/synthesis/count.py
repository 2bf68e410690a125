# SPDX-License-Identifier: Apache-2.0
"""From yosys' cell counts to resources of an ECP5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from drawplate_dataflow.resources import NAMES, Resources
from drawplate_target_ecp5.technology.logic import CHAIN_ENDS

# LUT4 per cell (Lattice FPGA-TN-02205): a CCU2C is the two LUTs of a slice; multiplexers behind LUTs are for free;
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


def count_netlist(netlist: Mapping[str, Any]) -> Resources:
    """Count the top module of a netlist (``write_json``), and what nextpnr adds where carry chains begin and end."""
    (top,) = (module for module in netlist["modules"].values() if int(module["attributes"].get("top", "0"), 2))
    cells = top["cells"].values()
    chain = [cell["connections"] for cell in cells if cell["type"] == "CCU2C"]
    left = {bit for links in chain for bit in links["COUT"]}
    entered = [links for links in chain if not left.issuperset(links["CIN"])]
    passed_on = {bit for links in chain for bit in links["CIN"]}
    read = {
        bit
        for cell in cells
        for port, bits in cell["connections"].items()
        if port not in {"CIN", "COUT"}
        for bit in bits
    }
    leaving = [bit for bit in left - passed_on if bit in read]
    ends = CHAIN_ENDS * (len(entered) + len(leaving))
    return count(Counter(cell["type"] for cell in cells)) + Resources(lut=ends)
