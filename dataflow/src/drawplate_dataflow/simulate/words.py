# SPDX-License-Identifier: Apache-2.0
"""Codes to words of a port and back: 32-bit little-endian chunks, the first element in the lowest bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drawplate_dataflow.hardware import Port
from drawplate_dataflow.network.types import Integers

Chunks = NDArray[np.uint32]


def chunks(port: Port) -> int:
    """32-bit chunks of a word."""
    return -(-port.width // 32)


def to_words(codes: Integers, port: Port) -> Chunks:
    """Pack codes [frames, elements] into [frames * beats, chunks].

    Where the last word of a frame is not full, its elements go to the highest lanes.
    """
    frames, elements = codes.shape
    gap = port.beats * port.elements - elements
    start = (port.beats - 1) * port.elements
    full = np.zeros((frames, port.beats * port.elements), np.uint64)
    full[:, :start] = codes[:, :start]
    full[:, start + gap :] = codes[:, start:]
    shifts = np.arange(port.bits, dtype=np.uint64)
    bits = ((full[:, :, None] >> shifts) & np.uint64(1)).astype(np.uint8).reshape(frames * port.beats, port.width)
    bits = np.pad(bits, ((0, 0), (0, 32 * chunks(port) - port.width)))
    return np.packbits(bits, axis=1, bitorder="little").view("<u4")


def from_words(words: Chunks, port: Port, elements: int) -> Integers:
    """Unpack [frames * beats, chunks] into codes [frames, elements]."""
    raw = np.ascontiguousarray(words.astype("<u4")).view(np.uint8).reshape(-1, 4 * chunks(port))
    bits = np.unpackbits(raw, axis=1, bitorder="little")[:, : port.width]
    shifts = np.arange(port.bits, dtype=np.int64)
    codes: Integers = (bits.reshape(-1, port.bits).astype(np.int64) << shifts).sum(axis=1)
    return codes.reshape(-1, elements)
