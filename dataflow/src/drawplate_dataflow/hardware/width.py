# SPDX-License-Identifier: Apache-2.0
"""Width conversion between any two numbers of elements, through their greatest common divisor."""

from __future__ import annotations

from math import gcd

from drawplate_dataflow.hardware.design import Port
from drawplate_dataflow.hardware.text import CLOCK, declare_stream, instance, stream


def converter(source: str, target: str, bits: int, port: Port, elements: int) -> str:
    """Write one converter, or two in a row where neither width divides the other.

    Args:
        source: prefix of the nets of the incoming stream, which exist.
        target: prefix of the nets of the outgoing stream, which are declared here.
        bits: bits of an element.
        port: shape of the incoming stream.
        elements: elements of an outgoing word.
    """
    common = gcd(port.elements, elements)
    text = ""
    if common not in {port.elements, elements}:
        middle = f"{target}_narrow"
        text += converter(source, middle, bits, port, common)
        port = Port(elements=common, bits=bits, beats=port.beats * port.elements // common)
        source = middle
    text += declare_stream(target, elements * bits)
    return text + instance(
        "dp_width",
        f"{target}_width",
        {"BITS": bits, "IN": port.elements, "OUT": elements, "BEATS": port.beats},
        CLOCK | stream(source) | stream(target, "m"),
    )
