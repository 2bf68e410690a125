# SPDX-License-Identifier: Apache-2.0
"""What shape a drawn layer gives: (channels, *sizes), or (features,)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from differential.spec import Layer

Shape = tuple[int, ...]


def slid(
    sizes: Sequence[int], kernel: Sequence[int], stride: Sequence[int], pads: Sequence[int], dilation: Sequence[int]
) -> Shape:
    """Return the sizes of what a window gives."""
    rank = len(sizes)
    return tuple(
        (size + pads[i] + pads[i + rank] - (dilation[i] * (kernel[i] - 1) + 1)) // stride[i] + 1
        for i, size in enumerate(sizes)
    )


def edges(layer: Layer, rank: int) -> list[int]:
    """Return a layer's pads for so many dimensions: before each, then behind each."""
    return [*layer.pads[:rank], *layer.pads[2 : 2 + rank]]


def pooled(sizes: Sequence[int], layer: Layer) -> Shape:
    """Return the sizes of what a pool gives; with ``ceil_mode``, its last window may hang over the edge."""
    rank = len(sizes)
    pads = edges(layer, rank)
    found = slid(sizes, layer.kernel, layer.stride, pads, (1,) * rank)
    if layer.form != "ceil":
        return found
    ends = [size + pads[i] + pads[i + rank] for i, size in enumerate(sizes)]
    more = [
        int((end - kernel) % stride > 0 and n * stride < end - pads[i + rank])
        for i, (end, kernel, stride, n) in enumerate(zip(ends, layer.kernel, layer.stride, found, strict=False))
    ]
    return tuple(n + one for n, one in zip(found, more, strict=True))


def after(layer: Layer, shape: Shape) -> Shape:
    """Return the shape of what a layer gives of an input of a shape."""
    channels, *sizes = shape
    if layer.kind == "flatten":
        return (math.prod(shape),)
    if layer.kind in {"conv", "dense"}:
        channels = layer.outputs
    if layer.kind == "residual" and layer.join == "Concat":
        channels *= 2
    return (channels, *_sizes(layer, sizes))


def _sizes(layer: Layer, sizes: list[int]) -> Sequence[int]:
    rank = len(sizes)
    found: Sequence[int] = sizes
    match layer.kind:
        case "dense":
            found = ()
        case "conv":
            found = slid(sizes, layer.kernel, layer.stride, edges(layer, rank), layer.dilation)
            if layer.tail.pool:
                kernel, stride = layer.tail.pool
                found = slid(found, [kernel] * rank, [stride] * rank, [0] * 2 * rank, [1] * rank)
        case "maxpool" | "avgpool":
            found = pooled(sizes, layer)
        case "globalpool":
            found = [1] * rank
        case "upsample":
            found = [size * times for size, times in zip(sizes, layer.stride, strict=False)]
        case "pad":
            pads = edges(layer, rank)
            found = [size + pads[i] + pads[i + rank] for i, size in enumerate(sizes)]
    return found
