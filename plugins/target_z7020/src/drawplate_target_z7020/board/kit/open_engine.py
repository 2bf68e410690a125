# SPDX-License-Identifier: Apache-2.0
"""The DMA engine of a design that was built without Vivado, with the channels of ``pynq``'s own.

Not yet tried on a board.  ``Accelerator(own_engine=True)`` uses it.
"""

from __future__ import annotations

from typing import Any

BASE = 0x43C0_0000
START, SOURCE, SOURCE_WORDS, TARGET, TARGET_WORDS, CLOCKS, IDENTITY = range(0, 28, 4)
DPL1 = 0x4450_4C31


class Channel:
    """One direction: where it reads or writes, and how much."""

    def __init__(self, engine: Engine, register: int) -> None:
        """Belong to an engine; its address register is followed by that of its length."""
        self.engine, self.register = engine, register

    def transfer(self, buffer: Any, start: int = 0, nbytes: int = 0) -> None:
        """Set address and length; the engine starts when the sending channel is set, after the receiving one."""
        address = buffer.device_address + start
        if address % 128:
            raise ValueError(f"the buffer begins at {address:#x}, no multiple of 128")
        self.engine.registers.write(self.register, address)
        self.engine.registers.write(self.register + 4, nbytes // 8)
        if self.register == SOURCE:
            self.engine.registers.write(START, 1)

    def wait(self) -> None:
        """Wait for the end of both directions.

        Raises:
            RuntimeError: when memory refused an access.
        """
        while (status := self.engine.registers.read(START)) & 1:
            pass
        if status & 2:
            raise RuntimeError("the DMA engine could not read or write its buffers")


class Engine:
    """Both channels."""

    def __init__(self, registers: Any) -> None:
        """Take the registers, an ``MMIO`` of pynq.

        Raises:
            RuntimeError: when the engine is not there.
        """
        self.registers = registers
        if registers.read(IDENTITY) != DPL1:
            raise RuntimeError("the bitstream has no drawplate engine: it was built by build.tcl, leave own_engine out")
        self.sendchannel, self.recvchannel = Channel(self, SOURCE), Channel(self, TARGET)

    @property
    def clocks(self) -> int:
        """Clocks of the last transfer, from its start to the last answer of the memory."""
        return int(self.registers.read(CLOCKS))


def load(bitstream: str, clock_mhz: float) -> Engine:
    """Load a bitstream, set the clock, and return its engine."""
    from pynq import MMIO, Bitstream, Clocks  # type: ignore[import-not-found, unused-ignore]  # only on the board

    Clocks.fclk0_mhz = clock_mhz
    Bitstream(bitstream).download()
    return Engine(MMIO(BASE, 4096))
