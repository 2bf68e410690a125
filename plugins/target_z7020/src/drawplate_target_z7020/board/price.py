# SPDX-License-Identifier: Apache-2.0
"""What the wrapper and the DMA engine take beside a network, without synthesis."""

from __future__ import annotations

from math import gcd
from typing import Final

from attrs import frozen

from drawplate import Board
from drawplate_dataflow.hardware import Port
from drawplate_dataflow.hardware.library import AXIS_IN, AXIS_OUT, GEAR, WIDTH
from drawplate_dataflow.host import Bus, PortLimit, bus_words, port_of
from drawplate_dataflow.resources import Resources
from drawplate_target_z7020.board.axis import HP_BITS, is_geared
from drawplate_target_z7020.board.record import is_wide
from drawplate_target_z7020.parts import Part, board_of, find_part
from drawplate_target_z7020.xc7 import XC7
from drawplate_target_z7020.xc7.positions import PER_CHAIN
from drawplate_target_z7020.z7020_options import ExportOptions, MeasureOptions

ENGINE: Final = {
    False: Resources(lut=643, ff=645, chains=134 / PER_CHAIN),
    True: Resources(lut=1330, ff=1457, chains=251 / PER_CHAIN),
}
"""The DMA engine of our own, as yosys counts it: one port of the Zynq, and two.  It is the same for every network.

Its carry chains take 134 and 251 positions beside LUTs, counted as in :mod:`drawplate_target_z7020.xc7.positions`.
"""
RESET: Final = Resources(ff=1)


@frozen(kw_only=True)
class AxisWrapper:
    """From words of a DMA engine to words of a network and back, and the engine where there is memory to read."""

    into: Bus
    engine: Resources

    def comes(self, port: Port) -> Resources:
        """Return the engine, the counter of frames and the converter, or gear, to words of the network."""
        frame = self.into.frame_words(port.width, port.beats)
        counted = AXIS_IN(BITS=self.into.bits, FRAME=frame).price(XC7)
        return self.engine + RESET + counted + self._widened(port)

    def _widened(self, port: Port) -> Resources:
        bits, wide = self.into.bits, port.width
        if is_geared(self.into, wide):
            return GEAR(IN=bits, OUT=wide, UNIT=gcd(bits, wide), BEATS=port.beats).price(XC7)
        words = bus_words(wide, bits)
        return WIDTH(BITS=bits, IN=1, OUT=words, BEATS=words * port.beats).price(XC7)

    def goes(self, port: Port) -> Resources:
        """Return the converter to words of the engine, and what marks the last one."""
        words = bus_words(port.width, HP_BITS)
        narrowed = WIDTH(BITS=HP_BITS, IN=words, OUT=1, BEATS=port.beats).price(XC7)
        return narrowed + AXIS_OUT(FRAME=words * port.beats).price(XC7)


def wrapper_of(part: Part, port: PortLimit) -> AxisWrapper:
    """Return the wrapper of a board; the engine is part of it where there is a processing system."""
    return AxisWrapper(into=port.into, engine=ENGINE[is_wide(port.into)] if part.has_processor else Resources())


def beside(
    part: Part, options: ExportOptions | MeasureOptions, clock_mhz: float
) -> tuple[PortLimit | None, AxisWrapper | None]:
    """Return the port that bounds a network on a board, and the wrapper that is counted; neither where it is embedded.

    Raises:
        FlowError: when the board's port does not have the width that is asked for.
    """
    port = port_of(board_of(part), clock_mhz, options.port, packed=options.packed)
    return (None, None) if options.embedded or port is None else (port, wrapper_of(part, port))


def make_wrapper(board: Board, port: PortLimit) -> AxisWrapper:
    """Return the wrapper of a row of parts.csv."""
    return wrapper_of(find_part(board.name), port)
