# SPDX-License-Identifier: Apache-2.0
"""The record that goes with a design: how its streams are packed, and what their codes mean.

A word of a port is sent in whole words of the bus (bytes of a serial line, 64 bits of a DMA engine), the lowest first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from drawplate_dataflow.hardware import Design, Port
from drawplate_dataflow.network import INPUT, Stream

DRIVER: Final = "drawplate_stream.py"
"""File that packs and unpacks by the record; needs only numpy, and imports nothing of drawplate."""


def driver() -> bytes:
    """Return the file :data:`DRIVER`."""
    return (resources.files(__package__) / DRIVER).read_bytes()


def bus_words(width: int, bus_bits: int) -> int:
    """Words of the bus that carry one word of a port; the unused bits are the highest."""
    return -(-width // bus_bits)


def frame_words(port: Port, bus_bits: int) -> int:
    """Words of the bus that carry a frame."""
    return bus_words(port.width, bus_bits) * port.beats


def stream_record(design: Design, bus_bits: int, encoding: Mapping[str, Any] | None) -> dict[str, Any]:
    """Describe the streams of a design as JSON values.

    Args:
        design: the design.
        bus_bits: width of the bus.
        encoding: how data become integers (:func:`drawplate_dataflow.pixels.encoding_record`); None where they are.
    """
    network = design.network
    scale = network.scale
    x = _side(network.streams[INPUT], design.s_port, bus_bits)
    return {
        "bus_bits": bus_bits,
        "encoding": encoding,
        "input": x | {"channels_first": network.channels_first},
        "output": _side(network.output, design.m_port, bus_bits),
        "scale": None if scale is None else scale.scale.tolist(),
        "bias": None if scale is None else scale.bias.tolist(),
    }


def _side(stream: Stream, port: Port, bus_bits: int) -> dict[str, Any]:
    kind = stream.type
    return {
        "shape": list(stream.shape),
        "elements": stream.elements,
        "lanes": port.elements,
        "beats": port.beats,
        "bits": kind.bits,
        "low": kind.low,
        "step": kind.step,
        "bus_words": frame_words(port, bus_bits),
    }


def json_record(record: Mapping[str, Any]) -> bytes:
    """Write ``stream.json``."""
    return (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()
