# SPDX-License-Identifier: Apache-2.0
"""The DMA engine of our own, for ways to a bitstream without a vendor's blocks.  Not yet tried on a board."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Final

ENGINE: Final = ("dp_dma_read.v", "dp_dma_write.v", "dp_dma_registers.v", "drawplate_dma.v", "drawplate_zynq.v")


def engine_files() -> Mapping[str, bytes]:
    """Return the Verilog of the engine by name; it uses ``dp_fifo.v`` of the dataflow library."""
    from drawplate_dataflow.hardware.library import plain

    folder = resources.files(__package__) / "verilog"
    return {name: (folder / name).read_bytes() for name in ENGINE} | {"dp_fifo.v": plain("dp_fifo.v")}
