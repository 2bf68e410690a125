# SPDX-License-Identifier: Apache-2.0
"""What a driver has to know of a design: how codes are packed, what they mean, how fast they can come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from drawplate_dataflow.hardware import Design, Port
from drawplate_dataflow.network import INPUT, Stream
from drawplate_target_z7020.board.axis import bus_words


def stream_record(design: Design, clock_mhz: float, encoding: Mapping[str, Any] | None) -> dict[str, Any]:
    """Describe the streams of a design, as JSON values."""
    network = design.network
    scale = network.scale
    words = max(bus_words(port.width) * port.beats for port in (design.s_port, design.m_port))
    return {
        "clock_mhz": clock_mhz,
        "planned_fps": clock_mhz * 1e6 / max(design.cycles, words),
        "encoding": encoding,
        "input": _side(network.streams[INPUT], design.s_port) | {"channels_first": network.channels_first},
        "output": _side(network.output, design.m_port),
        "scale": None if scale is None else scale.scale.tolist(),
        "bias": None if scale is None else scale.bias.tolist(),
    }


def _side(stream: Stream, port: Port) -> dict[str, Any]:
    return {
        "shape": list(stream.shape),
        "elements": stream.elements,
        "lanes": port.elements,
        "beats": port.beats,
        "bits": stream.type.bits,
        "low": stream.type.low,
        "step": stream.type.step,
        "bus_words": bus_words(port.width) * port.beats,
    }


def json_record(record: Mapping[str, Any]) -> bytes:
    """Write ``stream.json``."""
    return (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()


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
