# SPDX-License-Identifier: Apache-2.0
"""A design with everything that a board needs around it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from attrs import field, frozen

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.text import library
from drawplate_dataflow.host import DRIVER, driver, json_record, stream_record
from drawplate_target_ecp5.board.constraints import lpf
from drawplate_target_ecp5.board.pll import clock_text
from drawplate_target_ecp5.board.wrapper import (
    BYTE,
    LIBRARY,
    OWN,
    WRAPPER,
    Link,
    buffer_bytes,
    make_link,
    wrapper_text,
)
from drawplate_target_ecp5.boards import Board

CONSTRAINTS: Final = "board.lpf"
HOST: Final = "drawplate_ecp5.py"
RECORD: Final = "stream.json"


@frozen(kw_only=True)
class Wrapped:
    """A design for a board."""

    design: Design
    board: Board
    clock_mhz: float
    link: Link
    files: Mapping[str, bytes] = field(repr=False)
    """Verilog of the wrapper by file name, the clock's included."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Verilog files beside the design's own."""
        return tuple(name for name in self.files if name not in self.design.files)


def wrap(design: Design, board: Board, clock_mhz: float, baud: int | None) -> Wrapped:
    """Put the wrapper around a design.

    Raises:
        FlowError: when the board's oscillator does not make the clock, or the clock does not make the line's rate.
    """
    link = make_link(clock_mhz, baud or board.baud, bytes.fromhex(design.digest())[:8])
    files = {name: library(name) for name in LIBRARY}
    files |= {name: (resources.files(__package__) / "verilog" / name).read_bytes() for name in OWN}
    files["dp_clock.v"] = clock_text(board.oscillator_mhz, clock_mhz).encode()
    files[f"{WRAPPER}.v"] = wrapper_text(design, link).encode()
    return Wrapped(design=design, board=board, clock_mhz=clock_mhz, link=link, files=files)


def host_files(wrapped: Wrapped, encoding: Mapping[str, Any] | None) -> dict[str, bytes]:
    """Return what goes to the host: the driver, the record of the streams, and how to use them."""
    design, link = wrapped.design, wrapped.link
    record = stream_record(design, BYTE, encoding) | {
        "board": wrapped.board.name,
        "clock_mhz": wrapped.clock_mhz,
        "link": {
            "baud": link.baud,
            "name": link.name.hex(),
            "buffer": buffer_bytes(design),
        },
    }
    return {
        CONSTRAINTS: lpf(wrapped.board).encode(),
        RECORD: json_record(record),
        DRIVER: driver(),
        HOST: (resources.files(__package__) / HOST).read_bytes(),
        "README.txt": _readme(wrapped).encode(),
    }


def _readme(wrapped: Wrapped) -> str:
    board = wrapped.board
    return f"""\
A network for {board.name} ({board.device}), made by drawplate; not yet tried on a board.

1. Load it:   {board.loader} drawplate.bit
2. On the host, in this folder, with numpy and pyserial installed:

     from drawplate_ecp5 import Accelerator
     with Accelerator("/dev/ttyUSB0") as net:      # the board's serial port, {wrapped.link.baud:,} baud
         logits = net.run(net.encode(images))

The driver resets the design by a break on the line and refuses a board that runs another one.
Pins are in {CONSTRAINTS} (from: {board.source}); everything else is Verilog, {WRAPPER}.v on top.
"""
