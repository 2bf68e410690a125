# SPDX-License-Identifier: Apache-2.0
"""MaxPool of whole images of integers at once."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from drawplate_quant_finn.graph import attribute

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

Sizes = tuple[int, ...]


def border(node: NodeProto, size: Sizes, kernel: Sizes) -> tuple[int, int]:
    """Return rows and columns of border above and to the left.

    Args:
        node: a convolution or a pool.
        size: rows and columns of what it reads.
        kernel: rows and columns of its window.
    """
    mode = attribute(node, "auto_pad", b"NOTSET")
    if mode in {b"NOTSET", b"VALID"}:
        pads = attribute(node, "pads", [0, 0, 0, 0]) if mode == b"NOTSET" else [0, 0]
        return pads[0], pads[1]
    steps, found = attribute(node, "strides", [1, 1]), []
    for length, k, step in zip(size, kernel, steps, strict=True):
        missing = max(0, (-(-length // step) - 1) * step + k - length)
        found.append(missing // 2 if mode == b"SAME_UPPER" else missing - missing // 2)
    return found[0], found[1]


def largest(node: NodeProto, whole: NDArray[np.float64], pixels: Sizes) -> NDArray[np.float64]:
    """Return the largest integer of every window that MaxPool looks at, (N, channels, *pixels).

    Args:
        node: the MaxPool.
        whole: (N, channels, rows, columns).
        pixels: rows and columns of what it gives.
    """
    import numpy as np

    size = whole.shape[2:]
    kernel, steps = attribute(node, "kernel_shape"), attribute(node, "strides", [1, 1])
    before = border(node, size, tuple(kernel))
    found = np.full((*whole.shape[:2], *pixels), -np.inf)
    for place in product(*map(range, kernel)):
        at = [np.arange(n) * step + i - b for n, step, i, b in zip(pixels, steps, place, before, strict=True)]
        (rows, columns), (high, wide) = [(axis >= 0) & (axis < n) for axis, n in zip(at, size, strict=True)], at
        inside = np.ix_(rows, columns)
        there = whole[:, :, high[rows]][:, :, :, wide[columns]]
        found[:, :, inside[0], inside[1]] = np.maximum(found[:, :, inside[0], inside[1]], there)
    return found
