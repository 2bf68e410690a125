# SPDX-License-Identifier: Apache-2.0
"""Placing and routing, by tools that the user has: nextpnr with a database of the chip, or Vivado."""

from __future__ import annotations

from drawplate_target_z7020.place.place import place, placed_metrics
from drawplate_target_z7020.place.placed import Placed

__all__ = ["Placed", "place", "placed_metrics"]
