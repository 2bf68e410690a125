# SPDX-License-Identifier: Apache-2.0
"""What the drivers have to know of a design: the record of its streams, its clock, and how fast frames can come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drawplate_dataflow.hardware import Design
from drawplate_dataflow.host import Bus, PortLimit, stream_record
from drawplate_target_z7020.board.axis import HP_BITS, OUT


def board_record(
    design: Design, clock_mhz: float, encoding: Mapping[str, Any] | None, port: PortLimit
) -> dict[str, Any]:
    """Describe a design behind its port, as JSON values."""
    interval = max(design.cycles, port.of(design.network).cycles)
    rate = {"clock_mhz": clock_mhz, "planned_fps": clock_mhz * 1e6 / interval}
    engine = {"own_engine": is_wide(port.into)}
    return stream_record(design, port.into, OUT, encoding) | rate | engine


def is_wide(into: Bus) -> bool:
    """Whether frames come in by two ports of the Zynq at once, which the engine of our own does."""
    return into.bits > HP_BITS


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
            key.upper(): told[key] for key in ("beats", "lanes", "bits", "stride", "low", "step", "elements")
        }
        lines += [f"#define DRAWPLATE_{name}_{key} ({value})" for key, value in values.items()]
    return "\n".join([*lines, "#endif", ""])
