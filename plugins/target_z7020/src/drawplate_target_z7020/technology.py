# SPDX-License-Identifier: Apache-2.0
"""Xilinx 7 series."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.technology import Generic, Label, Technology

XC7: Final[Technology] = Generic(
    name="xc7",
    labels=(Label("lut", "LUT"), Label("ff", "FF"), Label("bram18", "RAMB18"), Label("dsp", "DSP48E1")),
)
