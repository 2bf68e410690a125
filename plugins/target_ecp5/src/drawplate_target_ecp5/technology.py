# SPDX-License-Identifier: Apache-2.0
"""Lattice ECP5: LUT4 joined to LUT5 and LUT6 by PFUMX and L6MUX21, CCU2C carry chains, memories of 16 Kibit.

Lattice FPGA-DS-02012 and FPGA-TN-02205; prices are those of yosys' mapping, see fitting/.
"""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.technology import Generic, Technology
from drawplate_target_ecp5.boards import LABELS


class Ecp5(Generic):
    """LUT4 and two-operand carry chains."""

    name = "ecp5"
    labels = LABELS


ECP5: Final[Technology] = Ecp5()
