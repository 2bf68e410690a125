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
from drawplate_dataflow.host import DRIVER, GOLDEN, acceptance, driver, json_record
from drawplate_dataflow.pixels import encoding_record
from drawplate_target_z7020.board.axis import LIBRARY, axis_text
from drawplate_target_z7020.board.engine import engine_files
from drawplate_target_z7020.board.record import board_record, c_header
from drawplate_target_z7020.board.vivado import constraints, script
from drawplate_target_z7020.parts import Part

KIT: Final = ("drawplate_driver.py", "open_engine.py", "selftest.py", "demo.ipynb", "drawplate.c", "drawplate.h")
"""Files that are the same for every design."""


def board_files(design: Design, proto: ModelProto, part: Part, *, clock_mhz: float = 100.0) -> Mapping[str, bytes]:
    """Make the files, by name, to be put beside the design's.

    Where the board has no processing system, the wrapper, the vectors and the record of its streams are made, and
    nothing that would need one.

    Args:
        design: the design.
        proto: the lowered model that it was made from.
        part: the board that they are for.
        clock_mhz: clock of the design.
    """
    record = board_record(design, clock_mhz, encoding_record(proto))
    files = {name: plain(name) for name in LIBRARY}
    files["drawplate_axis.v"] = axis_text(design).encode()
    sources = sorted([*design.sources, *files])
    files["drawplate.xdc"] = constraints(clock_mhz).encode()
    files["stream.json"] = json_record(record)
    files[GOLDEN] = acceptance(design.network, proto)
    if not part.has_processor:
        return files
    kit = resources.files(__package__) / "kit"
    files |= {name: (kit / name).read_bytes() for name in KIT} | {DRIVER: driver()}
    files["drawplate_stream.h"] = c_header(record).encode()
    files["build.tcl"] = script(sources, part, clock_mhz).encode()
    files |= engine_files()
    told = {"name": part.name, "part": part.part, "device": part.device, "clock": f"{clock_mhz:g}"}
    told["period"] = f"{1000 / clock_mhz:.3f}"
    told["sources"] = " ".join(sorted({*sources, *engine_files()}))
    for name in ("BOARD.md", "build_open.sh", "open.xdc"):
        files[name] = Template((kit / name).read_text(encoding="utf-8")).substitute(told).encode()
    return files
