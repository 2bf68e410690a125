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
TRANSFER = 4 << 20
"""Bytes that one DMA transfer carries at most; the engine counts up to 64 MiB."""

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
        Integers of the same shape: the same as in drawplate's simulation.
    """
    if encoding is None:
        return items
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


def frames_of(values: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    """Check integers that are to be sent, and arrange them as frames [N, elements] with the channels innermost.

    Raises:
        TypeError: for anything but integers.
        ValueError: for another shape than a batch of the network's inputs.
    """
    if values.dtype.kind not in "iub":
        raise TypeError(f"integers are sent, not {values.dtype}: turn data into them by encode(items)")
    height, width, channels = stream["shape"]
    turned = stream["channels_first"] and height * width > 1
    wanted = (channels, height, width) if turned else (height, width, channels)
    if values.shape == wanted or values.shape == (stream["elements"],):
        raise ValueError(f"one item of shape {values.shape}: a batch is wanted, write values[None]")
    found = values.shape[1:]
    fits = found == wanted if turned else int(np.prod(found)) == stream["elements"]
    if values.ndim < 2 or not fits:
        raise ValueError(f"a batch of shape {values.shape}: wanted is (N, {', '.join(map(str, wanted))})")
    return (values.transpose(0, 2, 3, 1) if turned else values).reshape(len(values), stream["elements"])


def pack(values: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    """Pack values of the network's input into bus words; 8-bit codes that fill the bus are only looked at anew.

    Args:
        values: [N, ...], integers, channels first where the model takes them so.
        stream: the ``input`` of stream.json.

    Returns:
        [N, words] of uint64.

    Raises:
        TypeError: for anything but integers.
        ValueError: for another shape, or values without a code.
    """
    return _pack(frames_of(values, stream), stream)


def _pack(frames: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    codes = _codes(frames, stream)
    lanes, beats, bits = stream["lanes"], stream["beats"], stream["bits"]
    width = lanes * bits
    if bits == 8 and width % BUS_BITS == 0 and codes.shape[1] == beats * lanes:
        return np.ascontiguousarray(codes).view("<u8")
    # Where the last word is not full, its elements sit in the highest lanes.
    full = np.zeros((len(codes), beats * lanes), codes.dtype)
    start = (beats - 1) * lanes
    full[:, :start] = codes[:, :start]
    full[:, beats * lanes - (codes.shape[1] - start) :] = codes[:, start:]
    words = full.reshape(len(codes), beats, lanes)
    return _in_bytes(words) if bits == 8 else _in_bits(words, bits)


def _codes(frames: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    """Turn values [N, elements] into codes, in the narrowest type that holds them."""
    low, step, bits = stream["low"], stream["step"], stream["bits"]
    kind = np.uint8 if bits <= 8 else np.uint64
    if frames.dtype == kind and (low, step, bits) == (0, 1, 8):
        return frames
    codes = frames.astype(np.int64) - low if low else frames
    uneven = step == 2 and bool((codes & 1).any())
    codes = codes >> 1 if step == 2 else codes
    if codes.size and (codes.min() < 0 or int(codes.max()) >> bits or uneven):
        raise ValueError(f"values do not fit {bits}-bit codes from {low} in steps of {step}")
    found: np.ndarray = codes.astype(kind)
    return found


def _in_bytes(words: np.ndarray) -> np.ndarray:
    """Fill up words [N, beats, lanes] of bytes to whole bus words."""
    gap = -words.shape[2] % (BUS_BITS // 8)
    return np.pad(words, ((0, 0), (0, 0), (0, gap))).reshape(len(words), -1).view("<u8")


def _in_bits(words: np.ndarray, bits: int) -> np.ndarray:
    """Lay codes [N, beats, lanes] of other widths side by side, and fill up to whole bus words."""
    count, beats, lanes = words.shape
    octets = words.astype("<u8")[..., None].view(np.uint8)[..., : -(-bits // 8)]
    filled = np.zeros((count, beats, lanes * bits + -(lanes * bits) % BUS_BITS), np.uint8)
    planes = np.unpackbits(octets, axis=3, count=bits, bitorder="little")
    filled[:, :, : lanes * bits] = planes.reshape(count, beats, lanes * bits)
    found: np.ndarray = np.packbits(filled.reshape(count, -1), axis=1, bitorder="little").view("<u8")
    return found


def unpack(words: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    """Unpack bus words [N, words] into values [N, elements] of the network's output; ``stream`` is its ``output``."""
    bits, width = stream["bits"], stream["lanes"] * stream["bits"]
    raw = np.ascontiguousarray(words.astype("<u8")).view(np.uint8).reshape(len(words), -1)
    planes = np.unpackbits(raw, axis=1, bitorder="little").reshape(len(words), stream["beats"], -1)[:, :, :width]
    codes = (planes.reshape(len(words), -1, bits).astype(np.int64) << np.arange(bits)).sum(axis=2)
    values: np.ndarray = stream["low"] + stream["step"] * codes
    return values


def words_of(stream: dict[str, Any]) -> int:
    """Bus words of a frame of ``input`` or ``output``."""
    return int(stream["bus_words"])


class Accelerator:
    """A design on the programmable logic, fed by one DMA engine from two pairs of buffers in turn."""

    def __init__(
        self, bitstream: str = "drawplate.bit", record: str = "stream.json", *, own_engine: bool = False
    ) -> None:
        """Load the bitstream and what is known about its streams; ``own_engine`` where build_open.sh made it."""
        from pynq import Overlay, allocate  # type: ignore[import-not-found, unused-ignore]  # only on the board

        self.stream: dict[str, Any] = json.loads(Path(record).read_text(encoding="utf-8"))
        self.dma: Any
        if own_engine:
            from open_engine import load  # type: ignore[import-not-found, unused-ignore]  # beside it on the board

            self.dma = load(bitstream, self.stream["clock_mhz"])
        else:
            self.dma = Overlay(bitstream).dma
        sizes = words_of(self.stream["input"]), words_of(self.stream["output"])
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
        return encode(np.asarray(items), self.stream["encoding"])

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
                self._pairs[other][0][: len(parts[turn + 1])] = _pack(parts[turn + 1], self.stream["input"])
            if turn > 0:
                found.append(unpack(np.array(self._pairs[other][1][: len(parts[turn - 1])]), self.stream["output"]))
            if 0 <= turn < len(parts):
                self._end(here)
        seconds = time.perf_counter() - start
        return self._scaled(np.concatenate(found)), seconds

    def _begin(self, pair: int, frames: int) -> None:
        source, target = self._pairs[pair]
        source.flush()
        self.dma.recvchannel.transfer(target, 0, 8 * frames * target.shape[1])
        self.dma.sendchannel.transfer(source, 0, 8 * frames * source.shape[1])

    def _end(self, pair: int) -> None:
        self.dma.sendchannel.wait()
        self.dma.recvchannel.wait()
        self._pairs[pair][1].invalidate()

    def _scaled(self, integers: np.ndarray) -> np.ndarray:
        if self.stream["scale"] is None:
            return integers
        found: np.ndarray = integers * np.asarray(self.stream["scale"]) + np.asarray(self.stream["bias"])
        return found
