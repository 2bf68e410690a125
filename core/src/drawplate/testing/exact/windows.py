# SPDX-License-Identifier: Apache-2.0
"""Sliding windows over tensors of any rank: convolutions and pools."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.testing.exact.number import Exact

if TYPE_CHECKING:
    import numpy as np

    from drawplate.testing.exact.number import Whole


@frozen(kw_only=True)
class Geometry:
    """Where windows lie, as ONNX's attributes of Conv and the pools say."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    outputs: tuple[int, ...]


def geometry(attributes: Mapping[str, Any], kernel: Sequence[int], sizes: Sequence[int]) -> Geometry:
    """Work out windows for an input of the given spatial sizes."""
    rank = len(sizes)
    strides = tuple(attributes.get("strides") or [1] * rank)
    dilations = tuple(attributes.get("dilations") or [1] * rank)
    reach = [spread * (size - 1) + 1 for spread, size in zip(dilations, kernel, strict=True)]
    mode = attributes.get("auto_pad", b"NOTSET").decode()
    pads = list(attributes.get("pads") or [0] * 2 * rank)
    if mode.startswith("SAME"):
        wanted = [-(-size // step) for size, step in zip(sizes, strides, strict=True)]
        total = [
            max(0, (n - 1) * step + r - size) for n, step, r, size in zip(wanted, strides, reach, sizes, strict=True)
        ]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        pads = small + large if mode == "SAME_UPPER" else large + small
    before, after = pads[:rank], pads[rank:]
    room = [size + b + a - r for size, b, a, r in zip(sizes, before, after, reach, strict=True)]
    outputs = [left // step + 1 for left, step in zip(room, strides, strict=True)]
    if attributes.get("ceil_mode", 0):
        outputs = [-(-left // step) + 1 for left, step in zip(room, strides, strict=True)]
        starts = zip(outputs, strides, sizes, before, strict=True)
        outputs = [n - 1 if (n - 1) * step >= size + b else n for n, step, size, b in starts]
    return Geometry(
        kernel=tuple(kernel),
        strides=strides,
        dilations=dilations,
        before=tuple(before),
        after=tuple(after),
        outputs=tuple(outputs),
    )


def gathered(x: Whole, where: Geometry, outside: object) -> np.ndarray[Any, Any]:
    """Return windows, [N, C, positions of the kernel, *outputs]; ``outside`` stands for what is padding."""
    import numpy as np

    sizes = x.shape[2:]
    reach = [
        (n - 1) * step + spread * (size - 1) + 1
        for n, step, spread, size in zip(where.outputs, where.strides, where.dilations, where.kernel, strict=True)
    ]
    whole = [max(need, b + size + a) for need, b, size, a in zip(reach, where.before, sizes, where.after, strict=True)]
    padded = np.full((*x.shape[:2], *whole), outside, object)
    padded[(slice(None), slice(None), *(slice(b, b + n) for b, n in zip(where.before, sizes, strict=True)))] = x
    found = []
    for position in product(*map(range, where.kernel)):
        cut = [
            slice(spread * p, spread * p + step * (n - 1) + 1, step)
            for p, spread, step, n in zip(position, where.dilations, where.strides, where.outputs, strict=True)
        ]
        found.append(padded[(slice(None), slice(None), *cut)])
    return np.stack(found, axis=2)


def convolution(x: Exact, weights: Exact, attributes: Mapping[str, Any]) -> Exact:
    """Slide weights [M, C / groups, *kernel] over [N, C, *sizes]; no bias."""
    import numpy as np

    outputs, depth, *kernel = weights.shape
    groups = attributes.get("group", 1)
    where = geometry(attributes, kernel, x.shape[2:])
    windows = gathered(x.top, where, 0)
    images, pixels = len(windows), math.prod(where.outputs)
    windows = windows.reshape(images, groups, depth * math.prod(kernel), pixels)
    rows = weights.top.reshape(groups, outputs // groups, -1)
    sums = np.matmul(rows[None], windows)
    return Exact(sums.reshape(images, outputs, *where.outputs), x.bottom * weights.bottom)


def maximum(x: Exact, attributes: Mapping[str, Any]) -> Exact:
    """Pool by the largest; padding never wins."""
    where = geometry(attributes, attributes["kernel_shape"], x.shape[2:])
    windows = gathered(x.top, where, float("-inf"))
    return Exact(windows.max(axis=2), x.bottom)


def average(x: Exact, attributes: Mapping[str, Any]) -> Exact:
    """Pool by the mean, of what lies inside, or inside and on the padding."""
    import numpy as np

    where = geometry(attributes, attributes["kernel_shape"], x.shape[2:])
    windows = gathered(x.top, where, None)
    sums = np.where(windows == None, 0, windows).sum(axis=2)  # noqa: E711 - element by element
    inside = (windows != None).sum(axis=2).astype(int)  # noqa: E711
    if attributes.get("count_include_pad", 0):
        edge = [b + size + a for b, size, a in zip(where.before, x.shape[2:], where.after, strict=True)]
        ones = np.ones((1, 1, *edge), object)
        bare = geometry({**attributes, "pads": None}, where.kernel, edge)
        inside = (gathered(ones, bare, None) != None).sum(axis=2).astype(int)  # noqa: E711
    counts = Exact(np.array([int(n) for n in np.ravel(inside)], object).reshape(inside.shape))
    return Exact(sums, x.bottom) * counts.inverse()
