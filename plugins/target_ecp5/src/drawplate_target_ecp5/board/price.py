# SPDX-License-Identifier: Apache-2.0
"""What the wrapper takes, and the ports it is made for, without synthesis."""

from __future__ import annotations

from typing import Final

from drawplate_dataflow.hardware import Port
from drawplate_dataflow.hardware.library import FIFO, WIDTH
from drawplate_dataflow.host import bus_words, frame_words
from drawplate_dataflow.network import INPUT, Network
from drawplate_dataflow.resources import Resources, total
from drawplate_dataflow.technology import Technology
from drawplate_target_ecp5.board.wrapper import BYTE, buffer_bytes

LINE: Final = Resources(lut=150, ff=95)
"""Receiver, sender, greeting and reset, as placed."""


def ports(network: Network) -> tuple[Port, Port]:
    """Return the ports by which a folded network's frames come and results leave."""
    first, last = network.readers(INPUT)[0], network.layers[-1]
    x, y = network.input, last.output
    came = Port(elements=first.takes, bits=x.type.bits, beats=first.input_beats(x))
    return came, Port(elements=last.sends, bits=y.type.bits, beats=y.elements // last.sends)


def wrapper_price(network: Network, family: Technology) -> Resources:
    """Return what the wrapper of a folded network takes."""
    came, left = ports(network)
    cells = (
        FIFO(BITS=BYTE, DEPTH=buffer_bytes(came)),
        WIDTH(BITS=BYTE, IN=1, OUT=bus_words(came.width, BYTE), BEATS=frame_words(came, BYTE)),
        WIDTH(BITS=BYTE, IN=bus_words(left.width, BYTE), OUT=1, BEATS=left.beats),
    )
    return total(cell.price(family) for cell in cells) + LINE
