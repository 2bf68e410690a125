# SPDX-License-Identifier: Apache-2.0
"""What of the ten steps in ``BOARD.md`` depends on the board, and on whose DMA engine the design has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drawplate_target_z7020.parts import Part

READY: Final = ("pynq-z1", "pynq-z2")
"""Boards for which PYNQ's site has an image."""
IMAGE: Final = "the PYNQ image 2.7 or later"
OWN_IMAGE: Final = "a PYNQ image 2.7 or later (PYNQ's site has\n   none for this board: build one with its `sdbuild`)"
LARGE: Final = ("xc7z035", "xc7z045", "xc7z100")
"""Devices that the free edition of Vivado does not know (UG973)."""
FREE: Final = "the free edition's support for Zynq-7000"
PAID: Final = "a licence for {device} (the free edition ends at XC7Z030)"
VENDORS: Final[Mapping[str, str]] = {
    "board_files": (
        ", and the board files of {name} (Tools, Vivado\n"
        "   Store, Boards).  Without board files the script warns and goes on: PYNQ's image sets up memory and pins\n"
        "   itself."
    ),
    "engine": "It makes `drawplate.bit`, `drawplate.hwh`, `utilization.rpt`, `timing.rpt`.",
    "own_engine": "; then give `--own-engine` to `selftest.py`.",
    "on_top": "processing system's interconnect and the DMA engine",
    "hwh": "*.hwh ",
    "without": "\n   (without `*.hwh` after `build_open.sh`, which makes none).",
    "bare": (
        "add `drawplate.c`, `drawplate.h` and `drawplate_stream.h` to your program (C99; `gcc -std=c99 -Wall\n"
        "    -Wextra -Werror -c drawplate.c` says nothing); the header's first lines show the calls."
    ),
    "script_clock": "drawplate.xdc",
    "by_vivado": "block design and bitstream",
    "needed": "what that way needs",
    "c_stream": ", `drawplate_stream.h`",
}
"""The DMA engine of the vendor's library, in a block design."""
OWN: Final[Mapping[str, str]] = {
    "board_files": ".\n   Board files are not needed: PYNQ's image sets up memory and pins.",
    "engine": (
        "It makes `drawplate.bit`, `utilization.rpt`, `timing.rpt` with the DMA engine of our own, which reads by two\n"
        "   high-performance ports at once; the driver knows that from `stream.json`."
    ),
    "own_engine": ".  The engine is the same.",
    "on_top": "DMA engine and what joins it to the processing system",
    "hwh": "",
    "without": "\n   There is no `.hwh`: the driver finds the engine without one.",
    "bare": (
        "there is no driver in C for this engine yet.  Its registers are in the first lines of\n"
        "    `dp_dma_registers.v`, and `open_engine.py` shows the order in which they are written."
    ),
    "script_clock": "open.xdc",
    "by_vivado": "bitstream",
    "needed": "the whole logic",
    "c_stream": "",
}
"""Our own, which reads by two ports."""


def walk(part: Part, *, wide: bool) -> Mapping[str, str]:
    """Return the words of the steps; ``wide`` where the design is read by two ports."""
    told = {key: text.format(name=part.name) for key, text in (OWN if wide else VENDORS).items()}
    edition = PAID.format(device=part.device.upper()) if part.device in LARGE else FREE
    return told | {"edition": edition, "image": IMAGE if part.name in READY else OWN_IMAGE}
