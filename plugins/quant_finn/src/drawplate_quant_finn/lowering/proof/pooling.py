# SPDX-License-Identifier: Apache-2.0
"""MaxPool of whole images of integers at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from drawplate_quant_finn.graph import attribute

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto


def border(node: NodeProto, sizes: Sequence[int], reach: Sequence[int]) -> Sequence[int]:
    """Return rows, columns ... of border before the first number.

    Args:
        node: a convolution or a pool.
        sizes: of what it reads, by dimension.
        reach: of its window, from the first to the last number.
    """
    mode = attribute(node, "auto_pad", b"NOTSET")
    if mode in {b"NOTSET", b"VALID"}:
        none = [0] * 2 * len(sizes)
        pads: Sequence[int] = attribute(node, "pads", none) if mode == b"NOTSET" else none
        return pads[: len(sizes)]
    found = []
    for size, k, step in zip(sizes, reach, attribute(node, "strides", [1] * len(sizes)), strict=True):
        missing = max(0, (-(-size // step) - 1) * step + k - size)
        found.append(missing // 2 if mode == b"SAME_UPPER" else missing - missing // 2)
    return found


def largest(node: NodeProto, whole: NDArray[np.float64], pixels: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the largest integer of every window that MaxPool looks at, (N, channels, *pixels).

    Args:
        node: the MaxPool.
        whole: (N, channels, *sizes).
        pixels: sizes of what it gives.
    """
    import numpy as np

    sizes, kernel = whole.shape[2:], attribute(node, "kernel_shape")
    strides, dilations = (attribute(node, name, [1] * len(kernel)) for name in ("strides", "dilations"))
    reach = [(size - 1) * step + 1 for size, step in zip(kernel, dilations, strict=True)]
    before = border(node, sizes, reach)
    found = np.full((*whole.shape[:2], *pixels), -np.inf)
    every = (slice(None), slice(None))
    for place in product(*map(range, kernel)):
        steps = zip(pixels, strides, place, dilations, before, strict=True)
        at = [np.arange(n) * stride + i * dilation - b for n, stride, i, dilation, b in steps]
        inside = [(axis >= 0) & (axis < n) for axis, n in zip(at, sizes, strict=True)]
        target = (*every, *np.ix_(*inside))
        source = (*every, *np.ix_(*(axis[kept] for axis, kept in zip(at, inside, strict=True))))
        found[target] = np.maximum(found[target], whole[source])
    return found
