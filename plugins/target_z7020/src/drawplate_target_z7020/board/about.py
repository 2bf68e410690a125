# SPDX-License-Identifier: Apache-2.0
"""What the files of a build are, for whoever opens the folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ABOUT: Final[Mapping[str, str]] = {
    "BOARD.md": "start here: from this folder to the running board, in ten steps",
    "build.tcl": "Vivado: block design and bitstream for this board",
    "build_open.sh": "the bitstream without Vivado, where openXC7's tools are installed",
    "demo.ipynb": "a notebook for the board: compare, measure, classify",
    "design.json": "layers, ports and cycles, for programs",
    "drawplate.c": "driver without an operating system, over the registers of the AXI DMA",
    "drawplate.h": "its functions",
    "drawplate.xdc": "the clock, for synthesis of the wrapper alone",
    "drawplate_axis.v": "AXI4-Stream wrapper of the design",
    "drawplate_dma.v": "DMA engine of our own, for the way without Vivado",
    "drawplate_driver.py": "driver for PYNQ",
    "drawplate_stream.h": "how codes are packed, for the driver in C",
    "drawplate_stream.py": "encodes data as the simulation does, packs and unpacks",
    "drawplate_top.v": "the design",
    "drawplate_zynq.v": "the whole programmable logic, for the way without Vivado",
    "folding.json": "PE and SIMD of every layer, as FINN writes them",
    "golden.npz": "integers that enter the hardware, and what has to come out, bit for bit",
    "model.onnx": "the lowered model that the design was made from",
    "open.xdc": "the clock, for the way without Vivado",
    "open_engine.py": "driver of that engine",
    "out_of_context.tcl": "Vivado: the design alone, for its resources and slack",
    "selftest.py": "on the board: compares with golden.npz bit for bit, measures the rate",
    "stream.json": "how codes are packed into words of the bus, and what they mean",
    "*.hex": "contents of block RAMs",
    "*.v": "modules of the design",
}
