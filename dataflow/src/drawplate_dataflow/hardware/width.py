# SPDX-License-Identifier: Apache-2.0
"""Width conversion between any two numbers of elements, through their greatest common divisor."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from drawplate_dataflow.hardware.items import Instance, Item, stream_wires
from drawplate_dataflow.hardware.library import WIDTH
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.text import CLOCK, stream


def converter(source: str, target: str, port: Port, elements: int) -> Iterator[Item]:
    """Yield one converter, or two in a row where neither width divides the other.

    Args:
        source: prefix of the nets of the incoming stream, which exist.
        target: prefix of the nets of the outgoing stream, which are declared here.
        port: shape of the incoming stream.
        elements: elements of an outgoing word.
    """
    common, bits = gcd(port.elements, elements), port.bits
    if common not in {port.elements, elements}:
        middle = f"{target}_narrow"
        yield from converter(source, middle, port, common)
        port = Port(elements=common, bits=bits, beats=port.beats * port.elements // common)
        source = middle
    yield from stream_wires(target, elements * bits)
    cell = WIDTH(BITS=bits, IN=port.elements, OUT=elements, BEATS=port.beats)
    yield Instance(cell, f"{target}_width", CLOCK | stream(source) | stream(target, "m"))
