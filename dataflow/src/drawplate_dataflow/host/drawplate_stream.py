# SPDX-License-Identifier: Apache-2.0
"""How data become the integers of a network's input, and these the bytes of its streams; needs only numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

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
    """Pack values of the network's input into bytes; 8-bit codes that fill the bus are only looked at anew.

    Args:
        values: [N, ...], integers, channels first where the model takes them so.
        stream: the ``input`` of stream.json.

    Returns:
        [N, bytes] of uint8, whole words of the bus.

    Raises:
        TypeError: for anything but integers.
        ValueError: for another shape, or values without a code.
    """
    return pack_frames(frames_of(values, stream), stream)


def pack_frames(frames: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    """Pack frames that :func:`frames_of` has arranged, as :func:`pack` does."""
    codes = _codes(frames, stream)
    lanes, beats, bits = stream["lanes"], stream["beats"], stream["bits"]
    size = stream["bus_words"] * stream["bus_bits"] // 8
    if bits == 8 and codes.shape[1] == size:
        return np.ascontiguousarray(codes)
    # Where the last word is not full, its elements sit in the highest lanes.
    full = np.zeros((len(codes), beats * lanes), codes.dtype)
    start = (beats - 1) * lanes
    full[:, :start] = codes[:, :start]
    full[:, beats * lanes - (codes.shape[1] - start) :] = codes[:, start:]
    words = full.reshape(len(codes), beats, lanes)
    laid = _in_bytes(words, stream["stride"]) if bits == 8 else _in_bits(words, bits, stream["stride"])
    return np.pad(laid, ((0, 0), (0, size - laid.shape[1])))


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


def _in_bytes(words: np.ndarray, stride: int) -> np.ndarray:
    """Fill up words [N, beats, lanes] of bytes to ``stride`` bits each."""
    gap = stride // 8 - words.shape[2]
    return np.pad(words, ((0, 0), (0, 0), (0, gap))).reshape(len(words), -1)


def _in_bits(words: np.ndarray, bits: int, stride: int) -> np.ndarray:
    """Lay codes [N, beats, lanes] of other widths side by side, and fill up their words to ``stride`` bits each."""
    count, beats, lanes = words.shape
    octets = words.astype("<u8")[..., None].view(np.uint8)[..., : -(-bits // 8)]
    filled = np.zeros((count, beats, stride), np.uint8)
    planes = np.unpackbits(octets, axis=3, count=bits, bitorder="little")
    filled[:, :, : lanes * bits] = planes.reshape(count, beats, lanes * bits)
    found: np.ndarray = np.packbits(filled.reshape(count, -1), axis=1, bitorder="little")
    return found


def unpack(octets: np.ndarray, stream: dict[str, Any]) -> np.ndarray:
    """Unpack bytes [N, bytes] into values [N, elements] of the network's output; ``stream`` is its ``output``."""
    bits, width, beats, stride = stream["bits"], stream["lanes"] * stream["bits"], stream["beats"], stream["stride"]
    whole = np.unpackbits(octets, axis=1, bitorder="little")[:, : beats * stride]
    planes = whole.reshape(len(octets), beats, stride)[:, :, :width]
    codes = (planes.reshape(len(octets), -1, bits).astype(np.int64) << np.arange(bits)).sum(axis=2)
    values: np.ndarray = stream["low"] + stream["step"] * codes
    return values


def scaled(integers: np.ndarray, record: dict[str, Any]) -> np.ndarray:
    """Turn integers of the output into what the network says; ``record`` is stream.json."""
    if record["scale"] is None:
        return integers
    found: np.ndarray = integers * np.asarray(record["scale"]) + np.asarray(record["bias"])
    return found
