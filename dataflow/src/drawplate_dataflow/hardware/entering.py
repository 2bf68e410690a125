# SPDX-License-Identifier: Apache-2.0
"""The port by which frames enter a network."""

from __future__ import annotations

from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.network import Layer, Stream


def entering(stream: Stream, first: Layer) -> Port:
    """Return the port of a network's input: its first layer's folding decides how many elements enter at once."""
    return Port(elements=first.takes, bits=stream.type.bits, beats=first.input_beats(stream))
