# SPDX-License-Identifier: Apache-2.0
"""What place-and-route reports say, in terms of layers; the same for every family that nextpnr knows."""

from __future__ import annotations

from drawplate_dataflow.place.owner import OUTSIDE, owner
from drawplate_dataflow.place.picture import picture
from drawplate_dataflow.place.report import TimingPath, clock_mhz, slowest_by_unit, slowest_path
from drawplate_dataflow.place.routed import Cell, cells

__all__ = ["OUTSIDE", "Cell", "TimingPath", "cells", "clock_mhz", "owner", "picture", "slowest_by_unit", "slowest_path"]
