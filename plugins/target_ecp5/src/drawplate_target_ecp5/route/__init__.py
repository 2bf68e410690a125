# SPDX-License-Identifier: Apache-2.0
"""From a netlist to a placed and routed design, its clock rate, and a bitstream."""

from __future__ import annotations

from drawplate_target_ecp5.route.place import BITSTREAM, Placed, place

__all__ = ["BITSTREAM", "Placed", "place"]
