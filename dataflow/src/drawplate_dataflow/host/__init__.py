# SPDX-License-Identifier: Apache-2.0
"""What a host needs to feed a design on a board: how data become codes, and codes become words of a bus."""

from __future__ import annotations

from drawplate_dataflow.host.acceptance import GOLDEN, acceptance
from drawplate_dataflow.host.bus import Bus, bus_words, frame_words
from drawplate_dataflow.host.port import Crossing, PortLimit, port_of
from drawplate_dataflow.host.record import DRIVER, driver, json_record, stream_record
from drawplate_dataflow.host.wrapper import WRAPPER, MakeWrapper, Wrapper, around, ports

__all__ = [
    "DRIVER",
    "GOLDEN",
    "WRAPPER",
    "Bus",
    "Crossing",
    "MakeWrapper",
    "PortLimit",
    "Wrapper",
    "acceptance",
    "around",
    "bus_words",
    "driver",
    "frame_words",
    "json_record",
    "port_of",
    "ports",
    "stream_record",
]
