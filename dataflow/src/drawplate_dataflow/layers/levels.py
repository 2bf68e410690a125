# SPDX-License-Identifier: Apache-2.0
"""Thresholds: how they are read, and what they compute."""

from __future__ import annotations

import numpy as np

from drawplate_dataflow.network.nodes import Node
from drawplate_dataflow.network.types import Integers, IntType


def per_channel(array: Integers, channels: int) -> Integers:
    """Return thresholds of every channel, [channels, N], ascending along N; one row stands for all."""
    return np.sort(np.broadcast_to(array, (channels, array.shape[1])), axis=1)


def activation_type(node: Node) -> IntType:
    """Return the type of the codes; code 0 stands for no threshold reached: ActVal, or -1 where it is bipolar."""
    named = node.type("outputDataType")
    return named if named.bipolar else IntType(named.bits, node.integer("ActVal", 0))


def count_reached(sums: Integers, thresholds: Integers) -> Integers:
    """Count the thresholds of each channel (last axis) that are at most the sum."""
    if (thresholds == thresholds[:1]).all():
        return np.searchsorted(thresholds[0], sums, side="right")
    flat = sums.reshape(-1, sums.shape[-1])
    codes = np.empty(flat.shape, np.int64)
    for channel, levels in enumerate(thresholds):
        codes[:, channel] = np.searchsorted(levels, flat[:, channel], side="right")
    return codes.reshape(sums.shape)
