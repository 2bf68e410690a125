# SPDX-License-Identifier: Apache-2.0
"""The DMA engine of our own, for ways to a bitstream without a vendor's blocks.  Not yet tried on a board."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Final

_ALWAYS: Final = ("dp_dma_read.v", "dp_dma_read_wide.v", "dp_dma_write.v", "dp_dma_registers.v", "drawplate_dma.v")
TOP: Final = "drawplate_zynq.v"
_WIDE: Final = "drawplate_zynq_wide.v"
_OF_DATAFLOW: Final = ("dp_fifo.v", "dp_width.v")


def engine_files(*, wide: bool = False) -> Mapping[str, bytes]:
    """Return the Verilog of the engine by name.

    Args:
        wide: whether frames come in by two ports of the Zynq at once.
    """
    from drawplate_dataflow.hardware.library import plain

    folder = resources.files(__package__) / "verilog"
    whole = (folder / (_WIDE if wide else TOP)).read_bytes()
    own = {name: (folder / name).read_bytes() for name in _ALWAYS}
    return own | {TOP: whole} | {name: plain(name) for name in _OF_DATAFLOW}
