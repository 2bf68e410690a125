# SPDX-License-Identifier: Apache-2.0
"""A design with everything that a board needs around it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from string import Template
from typing import Final

from attrs import field, frozen
from onnx import ModelProto

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.library import plain
from drawplate_dataflow.host import DRIVER, GOLDEN, Bus, acceptance, driver, json_record, stream_record
from drawplate_dataflow.pixels import encoding_record
from drawplate_target_ecp5.board.constraints import lpf
from drawplate_target_ecp5.board.pll import clock_text
from drawplate_target_ecp5.board.wrapper import (
    BYTE,
    LIBRARY,
    OWN,
    WRAPPER,
    Link,
    buffer_bytes,
    link_fps,
    make_link,
    wrapper_text,
)
from drawplate_target_ecp5.boards import Board

KIT: Final = ("drawplate_ecp5.py", "selftest.py")
"""Files that are the same for every design."""
ABOUT: Final = {
    "drawplate.bit": "the bitstream: placed, routed, its clock met",
    "placement.svg": "where the layers were placed",
    "board.lpf": "pins and clock of the board, as nextpnr reads them",
    "BOARD.md": "from this folder to the board, in four steps",
    "drawplate_ecp5.py": "driver for the host at the other end of the serial line; needs numpy and pyserial",
    DRIVER: "how data become codes and bytes, for the driver",
    "stream.json": "how the streams are packed and what their codes mean",
    "selftest.py": "sends `golden.npz` to the board and compares bit for bit",
    "golden.npz": "inputs, and what the golden model says of them",
    f"{WRAPPER}.v": "the wrapper: clock, serial line, the network",
    "*.v": "Verilog-2005",
    "*.hex": "contents of memories",
    "folding.json": "PE and SIMD, as FINN reads them",
}


@frozen(kw_only=True)
class Wrapped:
    """A design for a board."""

    design: Design
    board: Board
    clock_mhz: float
    link: Link
    files: Mapping[str, bytes] = field(repr=False)
    """Verilog of the wrapper by file name, the clock's included."""


def wrap(design: Design, board: Board, clock_mhz: float, baud: int | None) -> Wrapped:
    """Put the wrapper around a design.

    Raises:
        FlowError: when the board's oscillator does not make the clock, or the clock does not make the line's rate.
    """
    clock = clock_text(board.oscillator_mhz, clock_mhz)
    link = make_link(clock_mhz, baud or board.baud, bytes.fromhex(design.digest())[:8])
    files = {name: plain(name) for name in LIBRARY}
    files |= {name: _read(f"verilog/{name}") for name in OWN}
    files["dp_clock.v"] = clock.encode()
    files[f"{WRAPPER}.v"] = wrapper_text(design, link).encode()
    return Wrapped(design=design, board=board, clock_mhz=clock_mhz, link=link, files=files)


def host_files(wrapped: Wrapped, proto: ModelProto) -> dict[str, bytes]:
    """Return what goes to the host: the driver, the record of the streams, golden outputs to check by, a guide.

    Args:
        wrapped: the design for a board.
        proto: the lowered model that it was made from.
    """
    design, link, board = wrapped.design, wrapped.link, wrapped.board
    record = stream_record(design, Bus(BYTE), Bus(BYTE), encoding_record(proto)) | {
        "board": board.name,
        "clock_mhz": wrapped.clock_mhz,
        "link": {"baud": link.baud, "name": link.name.hex(), "buffer": buffer_bytes(design.s_port)},
        "link_fps": link_fps((design.s_port, design.m_port), link.baud),
    }
    told = {"board": board.name, "device": board.device, "loader": board.loader, "source": board.source}
    told |= {"baud": f"{link.baud:,}", "top": WRAPPER, "clock": f"{wrapped.clock_mhz:g}"}
    return {
        "board.lpf": lpf(board).encode(),
        "stream.json": json_record(record),
        GOLDEN: acceptance(design.network, proto),
        DRIVER: driver(),
        **{name: _read(f"kit/{name}") for name in KIT},
        "BOARD.md": Template(_read("kit/BOARD.md").decode()).substitute(told).encode(),
    }


def _read(name: str) -> bytes:
    return (resources.files(__package__) / name).read_bytes()
