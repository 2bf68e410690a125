# SPDX-License-Identifier: Apache-2.0
"""What the port between memory and a design allows: a design that is faster than its pixels arrive is fiction."""

from __future__ import annotations

from math import ceil

from attrs import frozen

from drawplate import Board
from drawplate_dataflow.host.record import bus_words
from drawplate_dataflow.network import Network, Stream


@frozen(kw_only=True)
class PortLimit:
    """A port, and the memory behind it."""

    bits: int
    """Of a word, one per clock each way."""
    memory_bits: float | None = None
    """That memory moves per clock at most; None where it is not known."""

    def cycles(self, stream: Stream, lanes: int) -> int:
        """Return the clocks that a frame takes through the port, in words of so many elements of the stream."""
        words = bus_words(lanes * stream.type.bits, self.bits) * -(-stream.elements // lanes)
        if self.memory_bits is None or self.memory_bits >= self.bits:
            return words
        return ceil(words * self.bits / self.memory_bits)

    def of(self, network: Network) -> Crossing:
        """Return how the frames of a folded network cross the port: the slower way of the two."""
        first, last = network.layers[0], network.layers[-1]
        comes = Crossing("input", network.input, self.cycles(network.input, first.takes), self.bits)
        goes = Crossing("output", network.output, self.cycles(network.output, last.sends), self.bits)
        return max(comes, goes, key=lambda way: way.cycles)


@frozen
class Crossing:
    """A stream at a port."""

    way: str
    """``input`` or ``output``."""
    stream: Stream
    cycles: int
    """Clocks of a frame."""
    bits: int
    """Of the port."""

    def __str__(self) -> str:
        """Say it in a note."""
        frame = f"{self.stream.elements:,} elements of {self.stream.type.bits} bits"
        return f"{frame} through {self.bits} bits a clock take {self.cycles:,} cycles"


def port_of(board: Board, clock_mhz: float, bits: int | None = None) -> PortLimit | None:
    """Return the port of a board at a clock; None where the board has none.

    Args:
        board: the board.
        clock_mhz: of the design.
        bits: width of the port, if it is another one.
    """
    width = bits or board.port_bits
    memory = None if board.memory_mb_s is None else board.memory_mb_s * 8 / clock_mhz
    return None if width is None else PortLimit(bits=width, memory_bits=memory)
