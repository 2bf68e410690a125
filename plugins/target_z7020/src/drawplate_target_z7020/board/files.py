# SPDX-License-Identifier: Apache-2.0
"""Everything that a board needs beside the design itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.hardware.text import library
from drawplate_dataflow.network import INPUT
from drawplate_target_z7020.board.axis import LIBRARY, axis_text
from drawplate_target_z7020.board.vivado import constraints, script


def board_files(
    design: Design, *, clock_mhz: float = 100.0, encoding: Mapping[str, Any] | None = None
) -> Mapping[str, bytes]:
    """Make the files, by name, to be put beside the design's.

    Args:
        design: the design.
        clock_mhz: clock that the processing system gives the design.
        encoding: how data become integers on the input stream; None where they are integers.
    """
    files = {name: library(name) for name in LIBRARY}
    files["drawplate_axis.v"] = axis_text(design).encode()
    sources = sorted([*design.sources, *files])
    files["build.tcl"] = script(sources, clock_mhz).encode()
    files["drawplate.xdc"] = constraints(clock_mhz).encode()
    files["stream.json"] = _stream(design, clock_mhz, encoding)
    files["drawplate_driver.py"] = (resources.files(__package__) / "drawplate_driver.py").read_bytes()
    return files


def _stream(design: Design, clock_mhz: float, encoding: Mapping[str, Any] | None) -> bytes:
    """What the driver has to know: how codes are packed, and what they mean."""
    network = design.network
    x, y = network.streams[INPUT], network.output
    scale = network.scale
    record = {
        "clock_mhz": clock_mhz,
        "encoding": encoding,
        "input": {
            "elements": x.elements,
            "lanes": design.s_port.elements,
            "beats": design.s_port.beats,
            "bits": x.type.bits,
            "low": x.type.low,
            "step": x.type.step,
            "shape": list(x.shape),
            "channels_first": network.channels_first,
        },
        "output": {
            "elements": y.elements,
            "lanes": design.m_port.elements,
            "beats": design.m_port.beats,
            "bits": y.type.bits,
            "low": y.type.low,
            "step": y.type.step,
        },
        "scale": None if scale is None else scale.scale.tolist(),
        "bias": None if scale is None else scale.bias.tolist(),
    }
    return (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()
