# SPDX-License-Identifier: Apache-2.0
"""Counting what surrounds a network on a board: the wrapper, synthesised around a network that is left empty."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.library import plain
from drawplate_dataflow.hardware.top import TOP
from drawplate_dataflow.host import Bus
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.yosys import yosys_version
from drawplate_target_z7020.board.axis import axis_text, library
from drawplate_target_z7020.synthesis.count import count
from drawplate_target_z7020.synthesis.synthesise import Derive, run_on
from drawplate_target_z7020.synthesis.yosys import commands

AXIS = "drawplate_axis"
EMPTY = """(* blackbox *) module {top} (
  input wire clk, input wire rst, input wire [{came}:0] s_data, input wire s_valid, output wire s_ready,
  output wire [{left}:0] m_data, output wire m_valid, input wire m_ready
);
endmodule
"""


def synthesise_axis(design: Design, into: Bus, derived: Derive, during: Callable[[], None] | None = None) -> Resources:
    """Count the AXI-stream wrapper of a design; once per shape of its streams.

    Args:
        design: the design.
        into: where its streams lead.
        derived: where counts are kept, ``job.derived``.
        during: called twice a second; what it raises ends yosys.

    Raises:
        StepFailed: when yosys fails.
    """
    files = {name: plain(name) for name in library(design, into)}
    files[f"{AXIS}.v"] = axis_text(design, into).encode()
    came, left = design.s_port.width - 1, design.m_port.width - 1
    files[f"{TOP}.v"] = EMPTY.format(top=TOP, came=came, left=left).encode()
    content = sha256(b"".join(name.encode() + sha256(files[name]).digest() for name in sorted(files))).hexdigest()

    def make(folder: Path) -> None:
        command = ["yosys", AXIS, *sorted(files)]
        run_on(files, command, folder, product="stat.json", where="z7020, the wrapper", during=during)

    key = {"files": content, "tool": yosys_version(), "script": commands("top", ["files.v"])}
    folder = derived("synthesis_around", key, make)
    return count(json.loads((folder / "stat.json").read_text(encoding="utf-8")))
