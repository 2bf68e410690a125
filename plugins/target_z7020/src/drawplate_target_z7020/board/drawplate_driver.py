# SPDX-License-Identifier: Apache-2.0
"""Runs a drawplate design on a PYNQ board; copy it there with drawplate.bit, drawplate.hwh and stream.json.

Not yet tried on a board.  Packing and unpacking need only numpy; :class:`Accelerator` needs the ``pynq`` package.

    from drawplate_driver import Accelerator
    net = Accelerator("drawplate.bit")
    logits, seconds = net.run(net.encode(images))
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

BUS_BITS = 64


HALF = np.float32(0.5)
ROUNDINGS: dict[str, Callable[[Any], Any]] = {
    "HALF_EVEN": np.rint,
    "HALF_UP": lambda x: np.sign(x) * np.floor(np.abs(x) + HALF),
    "HALF_DOWN": lambda x: np.sign(x) * np.ceil(np.abs(x) - HALF),
    "FLOOR": np.floor,
    "CEIL": np.ceil,
    "UP": lambda x: np.sign(x) * np.ceil(np.abs(x)),
    "DOWN": np.trunc,
}
"""QONNX's rounding modes."""


def encode(items: np.ndarray, encoding: dict[str, Any] | None) -> np.ndarray:
    """Turn data as they come (pixels of 0..255, floats) into the integers of the network's input.

    Args:
        items: [N, ...], in the type and shape of the data that the network was trained on.
        encoding: of stream.json; None where items are these integers already.

    Returns:
        int64 of the same shape: the same as in drawplate's simulation.
    """
    if encoding is None:
        return items.astype(np.int64)
    fed, norm = items, encoding["normalisation"]
    if norm is not None:
        kind = np.float32 if items.dtype == np.uint8 else np.float64
        shape = (-1, *(1,) * (items.ndim - 2))
        mean, std = (np.asarray(norm[name], np.float64).reshape(shape) for name in ("mean", "std"))
        fed = items.astype(kind) * (1 / (norm["scale"] * std)).astype(kind) - (mean / std).astype(kind)
    ratio = fed.astype(np.float32) / np.float32(encoding["scale"])
    if encoding["zero_point"]:
        ratio = ratio + np.float32(encoding["zero_point"])
    if encoding["sign"]:
        return np.where(ratio >= 0, np.int64(1), np.int64(-1))
    codes: np.ndarray = ROUNDINGS[encoding["rounding"]](np.clip(ratio, encoding["low"], encoding["high"]))
    return codes.astype(np.int64) - int(encoding["offset"])


def pack(values: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    """Pack values of the network's input into bus words.

    Args:
        values: [N, ...], integers, channels first where the model takes them so.
        stream: the ``input`` of stream.json.

    Returns:
        [N, words] of uint64.
    """
    if stream["channels_first"]:
        values = values.transpose(0, 2, 3, 1)
    frames = values.reshape(len(values), stream["elements"]).astype(np.int64)
    codes = (frames - stream["low"]) // stream["step"]
    lanes, beats, bits = stream["lanes"], stream["beats"], stream["bits"]
    if codes.size and (codes.min() < 0 or codes.max() >> bits):
        raise ValueError(f"values do not fit {bits}-bit codes from {stream['low']} in steps of {stream['step']}")
    # Where the last word is not full, its elements sit in the highest lanes.
    full = np.zeros((len(codes), beats * lanes), np.int64)
    start = (beats - 1) * lanes
    full[:, :start] = codes[:, :start]
    full[:, beats * lanes - (stream["elements"] - start) :] = codes[:, start:]
    planes = ((full[:, :, None] >> np.arange(bits)) & 1).astype(np.uint8).reshape(len(codes), beats, lanes * bits)
    gap = -planes.shape[2] % BUS_BITS
    planes = np.pad(planes, ((0, 0), (0, 0), (0, gap)))
    words: np.ndarray = np.packbits(planes.reshape(len(codes), -1), axis=1, bitorder="little").view("<u8")
    return words


def unpack(words: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    """Unpack bus words [N, words] into values [N, elements] of the network's output; ``stream`` is its ``output``."""
    bits, width = stream["bits"], stream["lanes"] * stream["bits"]
    raw = np.ascontiguousarray(words.astype("<u8")).view(np.uint8).reshape(len(words), -1)
    planes = np.unpackbits(raw, axis=1, bitorder="little").reshape(len(words), stream["beats"], -1)[:, :, :width]
    codes = (planes.reshape(len(words), -1, bits).astype(np.int64) << np.arange(bits)).sum(axis=2)
    values: np.ndarray = stream["low"] + stream["step"] * codes
    return values


class Accelerator:
    """A design on the programmable logic, fed by one DMA engine."""

    def __init__(self, bitstream: str = "drawplate.bit", record: str = "stream.json") -> None:
        """Load the bitstream and what is known about its streams."""
        from pynq import Overlay  # type: ignore[import-not-found, unused-ignore]  # only on the board

        self.stream = json.loads(Path(record).read_text(encoding="utf-8"))
        self.overlay = Overlay(bitstream)
        self.dma = self.overlay.dma

    def encode(self, items: np.ndarray) -> np.ndarray:
        """Turn data as they come into the integers that :meth:`run` takes; see :func:`encode`."""
        return encode(items, self.stream["encoding"])

    def run(self, values: np.ndarray) -> tuple[np.ndarray, float]:
        """Send frames [N, ...] and return logits (or integers, without a scale) [N, outputs] and the seconds taken.

        The time is that of the transfers, without packing on the processor.
        """
        from pynq import allocate  # type: ignore[import-not-found, unused-ignore]

        words = pack(values, self.stream["input"])
        out = self.stream["output"]
        per_word = -(-(out["lanes"] * out["bits"]) // BUS_BITS)
        source = allocate(shape=words.shape, dtype=np.uint64)
        target = allocate(shape=(len(words), out["beats"] * per_word), dtype=np.uint64)
        try:
            source[:] = words
            source.flush()
            start = time.perf_counter()
            self.dma.recvchannel.transfer(target)
            self.dma.sendchannel.transfer(source)
            self.dma.sendchannel.wait()
            self.dma.recvchannel.wait()
            seconds = time.perf_counter() - start
            target.invalidate()
            found = unpack(np.array(target), out)
        finally:
            source.freebuffer()
            target.freebuffer()
        if self.stream["scale"] is None:
            return found, seconds
        return found * np.asarray(self.stream["scale"]) + np.asarray(self.stream["bias"]), seconds
