# SPDX-License-Identifier: Apache-2.0
"""Everything that a board needs beside the design itself."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from string import Template
from typing import Final

from onnx import ModelProto

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.library import plain
from drawplate_dataflow.host import DRIVER, GOLDEN, PortLimit, acceptance, driver, json_record, port_of
from drawplate_dataflow.pixels import encoding_record
from drawplate_target_z7020.board.axis import axis_text, library
from drawplate_target_z7020.board.engine import engine_files
from drawplate_target_z7020.board.record import board_record, c_header, is_wide
from drawplate_target_z7020.board.vivado import constraints, own_script, script
from drawplate_target_z7020.board.walk import walk
from drawplate_target_z7020.parts import Part, board_of

KIT: Final = ("drawplate_driver.py", "open_engine.py", "selftest.py", "demo.ipynb")
"""Files that are the same for every design."""
C_KIT: Final = ("drawplate.c", "drawplate.h")
"""The same for the vendor's DMA engine, which reads by one port."""


def board_files(
    design: Design, proto: ModelProto, part: Part, port: PortLimit | None = None, *, clock_mhz: float = 100.0
) -> Mapping[str, bytes]:
    """Make the files, by name, to be put beside the design's.

    Where the board has no processing system, the wrapper, the vectors and the record of its streams are made, and
    nothing that would need one.

    Args:
        design: the design.
        proto: the lowered model that it was made from.
        part: the board that they are for.
        port: by which frames come and results leave; None for the board's usual one.
        clock_mhz: clock of the design.
    """
    port = port or port_of(board_of(part), clock_mhz)
    assert port is not None, "every row of parts.csv has a port"
    into, wide = port.into, is_wide(port.into)
    record = board_record(design, clock_mhz, encoding_record(proto), port)
    files = {name: plain(name) for name in library(design, into)}
    files["drawplate_axis.v"] = axis_text(design, into).encode()
    sources = sorted({*design.sources, *files})
    files["drawplate.xdc"] = constraints(clock_mhz).encode()
    files["stream.json"] = json_record(record)
    files[GOLDEN] = acceptance(design.network, proto)
    if not part.has_processor:
        return files
    kit = resources.files(__package__) / "kit"
    files |= {name: (kit / name).read_bytes() for name in (KIT if wide else KIT + C_KIT)} | {DRIVER: driver()}
    if not wide:
        files["drawplate_stream.h"] = c_header(record).encode()
    engine = engine_files(wide=wide)
    whole = sorted({*sources, *engine})
    files["build.tcl"] = own_script(whole, part) if wide else script(sources, part, clock_mhz).encode()
    files |= engine
    told = {"name": part.name, "part": part.part, "device": part.device, "clock": f"{clock_mhz:g}"}
    told["period"] = f"{1000 / clock_mhz:.3f}"
    told["sources"] = " ".join(whole)
    told["port"] = f"{into.bits} bits wide{', pixels packed' if into.packed else ''}"
    told |= walk(part, wide=wide)
    for name in ("BOARD.md", "build_open.sh", "open.xdc"):
        files[name] = Template((kit / name).read_text(encoding="utf-8")).substitute(told).encode()
    return files
