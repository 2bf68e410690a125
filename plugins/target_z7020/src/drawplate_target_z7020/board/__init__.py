# SPDX-License-Identifier: Apache-2.0
"""Files for a board: AXI-stream wrapper, Vivado script, constraints, PYNQ driver.  Not yet tried on a board."""

from __future__ import annotations

from drawplate_target_z7020.board.files import board_files

__all__ = ["board_files"]
