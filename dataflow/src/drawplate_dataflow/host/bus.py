# SPDX-License-Identifier: Apache-2.0
"""Words of a bus between a host and a design, and how words of a design's streams lie in them.

A word of a design's port begins with a word of the bus (a byte of a serial line, 64 bits of a DMA engine) and is sent
in whole ones, the lowest first; where frames are packed, only the first word of a frame does, and the others follow
bit by bit.
"""

from __future__ import annotations

from attrs import frozen

from drawplate_dataflow.hardware import Port


def bus_words(width: int, bus_bits: int) -> int:
    """Words of the bus that carry one word of a port; the unused bits are the highest."""
    return -(-width // bus_bits)


def frame_words(port: Port, bus_bits: int) -> int:
    """Words of the bus that carry a frame that is not packed."""
    return bus_words(port.width, bus_bits) * port.beats


@frozen
class Bus:
    """One way between a host and a design."""

    bits: int
    packed: bool = False
    """Whether words of a frame follow each other bit by bit."""

    def stride(self, width: int) -> int:
        """Return the bits from the beginning of one word of a port, of ``width`` bits, to that of the next."""
        return width if self.packed else bus_words(width, self.bits) * self.bits

    def frame_words(self, width: int, beats: int) -> int:
        """Return the words of the bus that carry a frame of so many words of a port."""
        return bus_words(self.stride(width) * beats, self.bits)
