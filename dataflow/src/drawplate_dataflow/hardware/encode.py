# SPDX-License-Identifier: Apache-2.0
"""From a layer's integers to what its hardware stores.

A value on the input stream is ``low + step * code``.  Weights are stored as sign and magnitude, and a processing
element adds up ``p = |w| * (w < 0 ? ~code : code)``, which is never negative.  Then

    sum(w * x) = step * sum(p) + offset,    offset = sum(min(w * low, w * high))

and the offset, constant per output channel, is moved into the thresholds (or added to a sum that is sent).
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from drawplate_dataflow.network import BIPOLAR, IntType
from drawplate_dataflow.network.types import Integers


@frozen
class WeightCode:
    """Sign and magnitude of a stored weight; ``magnitude == 0`` bits mean that the weight is -1 or +1."""

    magnitude: int

    @property
    def bits(self) -> int:
        """Bits per stored weight: the sign is the highest."""
        return self.magnitude + 1

    @property
    def largest(self) -> int:
        """The largest magnitude that can be stored."""
        return 1 if self.magnitude == 0 else (1 << self.magnitude) - 1

    def encode(self, weights: Integers) -> Integers:
        """Return the stored codes, any shape."""
        negative = (weights < 0).astype(np.int64)
        return negative if self.magnitude == 0 else np.abs(weights) | (negative << self.magnitude)


def weight_code(weights: Integers, weight_type: IntType) -> WeightCode:
    """Choose how weights are stored.

    The magnitude has one bit less than a signed type, unless the most negative weight -2**(n-1) occurs, which has
    no counterpart of its own sign.
    """
    if weight_type == BIPOLAR:
        return WeightCode(0)
    narrow = min(-weight_type.low, weight_type.high) if weight_type.low < 0 else weight_type.high
    largest = max(int(np.abs(weights).max(initial=0)), narrow, 1)
    return WeightCode(largest.bit_length())


def pack(codes: Integers, bits: int) -> list[int]:
    """Pack the last axis of ``codes`` into one integer per remaining row, the first element lowest."""
    flat = codes.reshape(-1, codes.shape[-1]).astype(np.uint64)
    shifts = np.arange(bits, dtype=np.uint64)
    planes = ((flat[:, :, None] >> shifts) & np.uint64(1)).astype(np.uint8)
    packed = np.packbits(planes.reshape(len(flat), -1), axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in packed]


def unsigned_thresholds(thresholds: Integers, offset: Integers, step: int, bits: int) -> Integers:
    """Move offsets into thresholds: smallest stored sum at which each one is reached.

    Args:
        thresholds: [channels, N] on true values.
        offset: [channels] value of a stored 0.
        step: value of one stored unit.
        bits: width of the stored sums; its largest code is never reached and stands for "never".
    """
    reached = -((offset[:, None] - thresholds) // step)
    clipped: Integers = np.clip(reached, 0, (1 << bits) - 1)
    return clipped
