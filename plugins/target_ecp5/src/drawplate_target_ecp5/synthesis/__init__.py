# SPDX-License-Identifier: Apache-2.0
"""From Verilog to a netlist of ECP5 cells, layer by layer and each only once."""

from __future__ import annotations

from drawplate_target_ecp5.synthesis.synthesise import Netlist, synthesise

__all__ = ["Netlist", "synthesise"]
