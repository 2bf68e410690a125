# SPDX-License-Identifier: Apache-2.0
"""What the generator and the cost model have to know about Lattice ECP5."""

from __future__ import annotations

from drawplate_target_ecp5.technology.family import ECP5

__all__ = ["ECP5"]
