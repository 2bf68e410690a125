# SPDX-License-Identifier: Apache-2.0
"""What the wrapper takes, without synthesis."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from drawplate import Board
from drawplate_dataflow.hardware import Port
from drawplate_dataflow.hardware.library import FIFO, WIDTH
from drawplate_dataflow.host import PortLimit, bus_words, frame_words
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Technology
from drawplate_target_ecp5.board.wrapper import BYTE, buffer_bytes
from drawplate_target_ecp5.technology import ECP5

LINE: Final = Resources(lut=150, ff=95)
"""Receiver, sender, greeting and reset, as placed."""


@frozen(kw_only=True)
class LineWrapper:
    """From bytes of a serial line to words of a network and back."""

    family: Technology

    def comes(self, port: Port) -> Resources:
        """Return both ends of the line, the buffer, and the converter to words of the network."""
        buffer = FIFO(BITS=BYTE, DEPTH=buffer_bytes(port))
        widen = WIDTH(BITS=BYTE, IN=1, OUT=bus_words(port.width, BYTE), BEATS=frame_words(port, BYTE))
        return LINE + buffer.price(self.family) + widen.price(self.family)

    def goes(self, port: Port) -> Resources:
        """Return the converter to bytes."""
        return WIDTH(BITS=BYTE, IN=bus_words(port.width, BYTE), OUT=1, BEATS=port.beats).price(self.family)


def make_wrapper(_board: Board, _port: PortLimit) -> LineWrapper:
    """Return the wrapper, which is the same for all boards."""
    return LineWrapper(family=ECP5)
