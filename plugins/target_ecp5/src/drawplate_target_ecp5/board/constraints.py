# SPDX-License-Identifier: Apache-2.0
"""Pins and clock of a board, as nextpnr reads them (.lpf)."""

from __future__ import annotations

from drawplate_target_ecp5.boards import Board


def lpf(board: Board) -> str:
    """Write the constraints of the wrapper's three ports."""
    pins = {"oscillator": board.oscillator, "rx": board.rx, "tx": board.tx}
    lines = [f"# {board.name}, {board.part.name}; pins: {board.source}"]
    for port, site in pins.items():
        pull = " PULLMODE=UP" if port == "rx" else ""
        lines.append(f'LOCATE COMP "{port}" SITE "{site}";')
        lines.append(f'IOBUF PORT "{port}" IO_TYPE={board.io_type}{pull};')
    lines.append(f'FREQUENCY PORT "oscillator" {board.oscillator_mhz:g} MHZ;')
    return "\n".join(lines) + "\n"
