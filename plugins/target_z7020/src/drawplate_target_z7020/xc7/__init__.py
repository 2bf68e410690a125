# SPDX-License-Identifier: Apache-2.0
"""7-series devices of Xilinx: LUT6 and LUT6_2, CARRY4, RAMB18E1, DSP48E1."""

from __future__ import annotations

from drawplate_target_z7020.xc7.technology import XC7

__all__ = ["XC7"]
