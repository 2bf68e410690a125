# SPDX-License-Identifier: Apache-2.0
"""What the port between memory and a design allows: a folding that is faster than its pixels arrive is fiction."""

from __future__ import annotations

from math import ceil

from attrs import frozen

from drawplate_dataflow.hardware.bus import Crossing
from drawplate_dataflow.network import Stream


@frozen(kw_only=True)
class PortLimit:
    """A port, and the memory behind it."""

    bits: int
    """Of a word, one per clock each way."""
    memory_bits: float | None = None
    """That memory moves per clock at most; None where it is not known."""

    def cycles(self, stream: Stream, lanes: int) -> int:
        """Return the clocks that a frame takes through the port, in words of so many elements of the stream."""
        crossing = Crossing(bus_bits=self.bits, width=lanes * stream.type.bits, beats=-(-stream.elements // lanes))
        if self.memory_bits is None or self.memory_bits >= self.bits:
            return crossing.words
        return ceil(crossing.words * self.bits / self.memory_bits)
