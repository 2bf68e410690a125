# SPDX-License-Identifier: Apache-2.0
"""What the drivers have to know of a design: the record of its streams, its clock, and how fast frames can come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.host import frame_words, stream_record
from drawplate_target_z7020.board.axis import BUS_BITS


def board_record(design: Design, clock_mhz: float, encoding: Mapping[str, Any] | None) -> dict[str, Any]:
    """Describe a design behind a 64-bit bus, as JSON values."""
    words = max(frame_words(port, BUS_BITS) for port in (design.s_port, design.m_port))
    rate = {"clock_mhz": clock_mhz, "planned_fps": clock_mhz * 1e6 / max(design.cycles, words)}
    return stream_record(design, BUS_BITS, encoding) | rate


def c_header(record: Mapping[str, Any]) -> str:
    """Write the same as constants of C."""
    lines = [
        "/* SPDX-License-Identifier: Apache-2.0",
        " * The streams of this design: words of the bus per frame, and where codes lie in them. */",
        "#ifndef DRAWPLATE_STREAM_H",
        "#define DRAWPLATE_STREAM_H",
    ]
    for side, name in (("input", "IN"), ("output", "OUT")):
        told = record[side]
        values = {"WORDS": told["bus_words"]} | {
            key.upper(): told[key] for key in ("beats", "lanes", "bits", "low", "step", "elements")
        }
        lines += [f"#define DRAWPLATE_{name}_{key} ({value})" for key, value in values.items()]
    return "\n".join([*lines, "#endif", ""])
