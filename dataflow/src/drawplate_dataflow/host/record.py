# SPDX-License-Identifier: Apache-2.0
"""The record that goes with a design: how its streams are packed (:mod:`.bus`), and what their codes mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from drawplate_dataflow.hardware import Design, Port
from drawplate_dataflow.host.bus import Bus
from drawplate_dataflow.network import INPUT, Stream

DRIVER: Final = "drawplate_stream.py"
"""File that packs and unpacks by the record; needs only numpy, and imports nothing of drawplate."""


def driver() -> bytes:
    """Return the file :data:`DRIVER`."""
    return (resources.files(__package__) / DRIVER).read_bytes()


def stream_record(design: Design, into: Bus, out: Bus, encoding: Mapping[str, Any] | None) -> dict[str, Any]:
    """Describe the streams of a design as JSON values.

    Args:
        design: the design.
        into: the bus that frames come in by.
        out: the bus that results leave by.
        encoding: how data become integers (:func:`drawplate_dataflow.pixels.encoding_record`); None where they are.
    """
    network = design.network
    scale = network.scale
    x = _side(network.streams[INPUT], design.s_port, into)
    return {
        "encoding": encoding,
        "input": x | {"channels_first": network.channels_first},
        "output": _side(network.output, design.m_port, out),
        "scale": None if scale is None else scale.scale.tolist(),
        "bias": None if scale is None else scale.bias.tolist(),
    }


def _side(stream: Stream, port: Port, bus: Bus) -> dict[str, Any]:
    kind = stream.type
    return {
        "shape": list(stream.shape),
        "elements": stream.elements,
        "lanes": port.elements,
        "beats": port.beats,
        "bits": kind.bits,
        "low": kind.low,
        "step": kind.step,
        "bus_bits": bus.bits,
        "bus_words": bus.frame_words(port.width, port.beats),
        "stride": bus.stride(port.width),
    }


def json_record(record: Mapping[str, Any]) -> bytes:
    """Write ``stream.json``."""
    return (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()
