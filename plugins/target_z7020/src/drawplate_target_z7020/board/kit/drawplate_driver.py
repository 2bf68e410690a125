# SPDX-License-Identifier: Apache-2.0
"""Runs a drawplate design on a PYNQ board.

Copy it there with drawplate_stream.py, stream.json, drawplate.bit and drawplate.hwh; it needs numpy and ``pynq``.  Not
yet tried on a board.

    from drawplate_driver import Accelerator
    net = Accelerator("drawplate.bit")
    logits, seconds = net.run(net.encode(images))
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from drawplate_stream import (  # type: ignore[import-not-found, unused-ignore]  # beside it on the board
    encode,
    frames_of,
    pack_frames,
    scaled,
    unpack,
)

TRANSFER = 4 << 20
"""Bytes that one DMA transfer carries at most; the engine counts up to 64 MiB."""


class Accelerator:
    """A design on the programmable logic, fed by one DMA engine from two pairs of buffers in turn."""

    def __init__(
        self, bitstream: str = "drawplate.bit", record: str = "stream.json", *, own_engine: bool = False
    ) -> None:
        """Load the bitstream and what is known about its streams.

        Args:
            bitstream: the file.
            record: stream.json.
            own_engine: whether build_open.sh made the bitstream; a port of 128 bits always has that engine.
        """
        from pynq import Overlay, allocate  # type: ignore[import-not-found, unused-ignore]  # only on the board

        self.stream: dict[str, Any] = json.loads(Path(record).read_text(encoding="utf-8"))
        self.dma: Any
        if own_engine or self.stream["own_engine"]:
            from open_engine import load  # type: ignore[import-not-found, unused-ignore]  # beside it on the board

            self.dma = load(bitstream, self.stream["clock_mhz"])
        else:
            self.dma = Overlay(bitstream).dma
        sides = [self.stream[side] for side in ("input", "output")]
        sizes = [int(side["bus_words"] * side["bus_bits"]) // 64 for side in sides]
        self.most = max(1, TRANSFER // (8 * max(sizes)))
        """Frames of one transfer."""
        self._pairs = [tuple(allocate(shape=(self.most, size), dtype=np.uint64) for size in sizes) for _ in range(2)]

    def close(self) -> None:
        """Give the buffers back."""
        for pair in self._pairs:
            for buffer in pair:
                buffer.freebuffer()
        self._pairs = []

    def encode(self, items: np.ndarray) -> np.ndarray:
        """Turn data as they come into the integers that :meth:`run` takes; see :func:`encode`."""
        found: np.ndarray = encode(np.asarray(items), self.stream["encoding"])
        return found

    def run(self, values: np.ndarray) -> tuple[np.ndarray, float]:
        """Send frames [N, ...]; return logits (or integers, without a scale) [N, outputs] and the seconds taken.

        While one transfer runs, the next one is packed and the one before is unpacked; the time is that of all of it.

        Raises:
            TypeError: for anything but integers; :meth:`encode` makes them.
            ValueError: for another shape than a batch, or values without a code.
        """
        frames = frames_of(np.asarray(values), self.stream["input"])
        parts = [frames[at : at + self.most] for at in range(0, len(frames), self.most)]
        found = [np.empty((0, self.stream["output"]["elements"]), np.int64)]
        start = time.perf_counter()
        for turn in range(-1, len(parts) + 1):
            here, other = turn % 2, (turn + 1) % 2
            if 0 <= turn < len(parts):
                self._begin(here, len(parts[turn]))
            if turn + 1 < len(parts):
                self._pairs[other][0][: len(parts[turn + 1])] = self._pack(parts[turn + 1])
            if turn > 0:
                words = np.array(self._pairs[other][1][: len(parts[turn - 1])])
                found.append(unpack(words.view(np.uint8), self.stream["output"]))
            if 0 <= turn < len(parts):
                self._end(here)
        seconds = time.perf_counter() - start
        return scaled(np.concatenate(found), self.stream), seconds

    def _pack(self, frames: np.ndarray) -> np.ndarray:
        words: np.ndarray = pack_frames(frames, self.stream["input"]).view("<u8")
        return words

    def _begin(self, pair: int, frames: int) -> None:
        source, target = self._pairs[pair]
        source.flush()
        self.dma.recvchannel.transfer(target, 0, 8 * frames * target.shape[1])
        self.dma.sendchannel.transfer(source, 0, 8 * frames * source.shape[1])

    def _end(self, pair: int) -> None:
        self.dma.sendchannel.wait()
        self.dma.recvchannel.wait()
        self._pairs[pair][1].invalidate()
