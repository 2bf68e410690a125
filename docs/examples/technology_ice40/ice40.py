# SPDX-License-Identifier: Apache-2.0
"""A plugin with a device family: Lattice iCE40 UltraPlus, ``drawplate run flow.toml --plugin ice40.py``."""

from collections.abc import Mapping
from typing import Any

from drawplate import Board, hookimpl
from drawplate_dataflow.technology import Generic, Label, MemoryPrice

BLOCK = 4096
"""Bits of a memory block: 256 words of 16 bits, or more of fewer."""


class Ice40(Generic):
    """Logic cells of a LUT4, a carry and a flip-flop; no LUT holds a memory that is written."""

    name = "ice40"
    labels = (Label("lc", "LC"), Label("ff", "FF"), Label("ebr", "EBR"), Label("dsp", "SB_MAC16"))
    multiplier = None  # layers are to do without

    def ram(self, bits: int, depth: int) -> MemoryPrice:
        """Memory blocks, whatever the depth."""
        return MemoryPrice(ram=min(-(-bits // wide) * -(-depth // (BLOCK // wide)) for wide in (2, 4, 8, 16)))

    def lut_ram(self, bits: int, depth: int) -> float:
        """Flip-flops, each with a LUT that holds its value, and multiplexers."""
        return bits * (depth + self.multiplexer(depth))


@hookimpl
def technologies() -> Mapping[str, Any]:
    """Offer the family to the step that builds for it."""
    return {"ice40": Ice40()}


@hookimpl
def boards() -> Mapping[str, Board]:
    """Offer a board by what its device has, under the family's names."""
    has = {"lc": 5280, "ff": 5280, "ebr": 30, "dsp": 8}
    board = Board(name="icebreaker", part="iCE40UP5K-SG48", target="ice40", budget=has, source="FPGA-DS-02008")
    return {board.name: board}
