# SPDX-License-Identifier: Apache-2.0
"""What the port between memory and a design allows: a design that is faster than its pixels arrive is fiction."""

from __future__ import annotations

from math import ceil
from typing import Final

from attrs import frozen

from drawplate import Board
from drawplate.errors import FlowError
from drawplate_dataflow.host.bus import Bus
from drawplate_dataflow.network import Network, Stream

BYTE: Final = 8
BITS_OF_A_BYTE: Final = 10
"""On a serial line: eight, and one before and behind."""


@frozen(kw_only=True)
class PortLimit:
    """A port, and the memory behind it; or a serial line."""

    into: Bus
    """That frames come in by, a word per clock."""
    out: Bus
    """That results leave by, a word per clock at the same time."""
    clocks: float = 1.0
    """Clocks that a word takes at least, of a line that is slower than the design."""
    baud: int | None = None
    """Of such a line."""
    memory_bits: float | None = None
    """That memory moves per clock at most; None where it is not known."""

    def comes(self, stream: Stream, lanes: int) -> int:
        """Return the clocks that a frame takes to come in, in words of so many elements of the stream."""
        return self._cycles(self.into, stream, lanes)

    def goes(self, stream: Stream, lanes: int) -> int:
        """Return the clocks that a frame takes to leave."""
        return self._cycles(self.out, stream, lanes)

    def _cycles(self, bus: Bus, stream: Stream, lanes: int) -> int:
        words = bus.frame_words(lanes * stream.type.bits, -(-stream.elements // lanes))
        memory = 0.0 if self.memory_bits is None else bus.bits / self.memory_bits
        return ceil(words * max(self.clocks, memory))

    def said(self, bits: int) -> str:
        """Return what a way of so many bits is, in a note."""
        return f"{bits} bits a clock" if self.baud is None else f"a serial line of {self.baud:,} baud"

    def of(self, network: Network) -> Crossing:
        """Return how the frames of a folded network cross the port: the slower way of the two."""
        first, last = network.layers[0], network.layers[-1]
        comes = Crossing("input", network.input, self.comes(network.input, first.takes), self.said(self.into.bits))
        goes = Crossing("output", network.output, self.goes(network.output, last.sends), self.said(self.out.bits))
        return max(comes, goes, key=lambda way: way.cycles)


@frozen
class Crossing:
    """A stream at a port."""

    way: str
    """``input`` or ``output``."""
    stream: Stream
    cycles: int
    """Clocks of a frame."""
    by: str
    """What the port is: its bits, or a line's rate."""

    def __str__(self) -> str:
        """Say it in a note."""
        frame = f"{self.stream.elements:,} elements of {self.stream.type.bits} bits"
        return f"{frame} through {self.by} take {self.cycles:,} cycles"


def port_of(
    board: Board, clock_mhz: float, bits: int | None = None, *, packed: bool = False, baud: int | None = None
) -> PortLimit | None:
    """Return the port of a board at a clock, or its serial line; None where the board has neither.

    Results leave by the port's usual width.

    Args:
        board: the board.
        clock_mhz: of the design.
        bits: width of the way in, one of the board's; None for the usual one.
        packed: whether the words of a frame come in without gaps between them.
        baud: of a serial line; None for what the board's carries.

    Raises:
        FlowError: when the board's port does not have that width, or it has no port or no serial line to say it of.
    """
    if baud is not None and board.baud is None:
        raise FlowError(f"{board.name} has no serial line", where="baud", hint="leave it out")
    if board.port_bits is None:
        if bits is not None or packed:
            raise FlowError(
                f"{board.name} has no port between memory and a design",
                where="port" if bits is not None else "packed",
                hint="leave it out: frames come by the board's own line, whose rate the target says",
            )
        return None if board.baud is None else line(baud or board.baud, clock_mhz)
    widths = board.ports or (board.port_bits,)
    if bits is not None and bits not in widths:
        raise FlowError(
            f"{board.name} has no port of {bits} bits", where="port", allowed=[str(width) for width in widths]
        )
    memory = None if board.memory_mb_s is None else board.memory_mb_s * 8 / clock_mhz
    return PortLimit(into=Bus(bits or board.port_bits, packed), out=Bus(board.port_bits), memory_bits=memory)


def line(baud: int, clock_mhz: float) -> PortLimit:
    """Return what a serial line of so many bits per second lets through: both ways at once, ten bits a byte."""
    byte = Bus(BYTE)
    return PortLimit(into=byte, out=byte, clocks=BITS_OF_A_BYTE * clock_mhz * 1e6 / baud, baud=baud)
