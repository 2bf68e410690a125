# SPDX-License-Identifier: Apache-2.0
"""Kernel, stride and border of convolutions and pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.operators import Window
from drawplate_quant_finn.lowering.streams.value import Value, image_places

if TYPE_CHECKING:
    from onnx import NodeProto

Pads = tuple[int, int, int, int]


def read_window(node: NodeProto, value: Value, kernel: list[int]) -> tuple[Window, Pads]:
    """Return the window of a node, and its border: top, left, bottom, right.

    Args:
        node: a convolution or pool.
        value: the image that it slides over; see :func:`image_of`.
        kernel: sizes, of one dimension or of two.

    Raises:
        ModelError: when it slides in a way without hardware.
    """
    line = line_of(value)
    rows, columns = _both(kernel, line)
    stride = _both(attribute(node, "strides", [1] * len(kernel)), line)
    dilation = _both(attribute(node, "dilations", [1] * len(kernel)), line)
    window = Window(kernel=(rows, columns), stride=stride, dilation=dilation)
    pads = _pads(node, value, window, line)
    height, width, channels = value.frame
    frame = (height + pads[0] + pads[2], width + pads[1] + pads[3], channels)
    if min(window.over(frame)) < 1:
        raise refuse(node, f"its window of {rows} x {columns} is larger than the image", "use a smaller kernel")
    if attribute(node, "ceil_mode", 0):
        bottom, right = _over_the_edge(value, window, pads)
        if (bottom or right) and node.op_type != "MaxPool":
            raise refuse(
                node,
                "its windows reach over the edge, and average fewer numbers there",
                "use ceil_mode = 0, or explicit pads with count_include_pad = 1",
            )
        pads = (pads[0], pads[1], pads[2] + bottom, pads[3] + right)
    return window, pads


def _over_the_edge(value: Value, window: Window, pads: Pads) -> tuple[int, int]:
    """Return how many rows and columns the last windows miss with ceil_mode; none starts behind the image."""
    found = []
    for axis in (0, 1):
        size, reach, step = value.frame[axis], window.reach[axis], window.stride[axis]
        before, after = pads[axis], pads[axis + 2]
        last = -(-(size + before + after - reach) // step)
        if last * step >= size + before:
            last -= 1
        found.append(max(0, last * step + reach - (size + before + after)))
    return found[0], found[1]


def check_image(node: NodeProto, value: Value, kernel: list[int]) -> None:
    """Refuse to slide over anything but an image, or a line of pixels.

    Raises:
        ModelError: when it is none.
    """
    slides = value.place.ndim - 1
    if slides not in {1, 2} or len(kernel) != slides:
        raise refuse(node, f"it slides over {slides} dimensions", "use convolutions and pools of one or two dimensions")
    if line_of(value) is None and not value.image:
        raise refuse(
            node,
            "it slides over an image whose numbers are in another order than channels, rows, columns",
            "remove the Transpose or Reshape before it",
        )


def line_of(value: Value) -> int | None:
    """Return which of rows (0) and columns (1) a line of pixels, [channels, length], is; None where it is none."""
    import numpy as np

    if value.place.ndim != 2:
        return None
    found = [
        axis for axis in (0, 1) if np.array_equal(np.expand_dims(value.place, 2 - axis), image_places(value.frame))
    ]
    return found[0] if found else None


def in_shape_of(value: Value, made: Value) -> Value:
    """Return an image in the shape of what it was made from: a line of pixels stays one."""
    line = line_of(value)
    return made if line is None else made.moved(made.place.squeeze(2 - line))


def _both(given: Sequence[int], line: int | None) -> tuple[int, int]:
    """Return a setting of rows and columns; across a line it is 1."""
    if line is None:
        return int(given[0]), int(given[1])
    return (int(given[0]), 1) if line == 0 else (1, int(given[0]))


def _pads(node: NodeProto, value: Value, window: Window, line: int | None) -> Pads:
    mode = attribute(node, "auto_pad", b"NOTSET").decode()
    if mode in {"NOTSET", "VALID"}:
        given = attribute(node, "pads", [0, 0] * (value.place.ndim - 1)) if mode == "NOTSET" else None
        if given is None:
            return 0, 0, 0, 0
        if min(given) < 0:
            raise refuse(node, "its pads cut off", "use pads of at least 0")
        if line is None:
            top, left, bottom, right = given
            return top, left, bottom, right
        first, last = given
        return (first, 0, last, 0) if line == 0 else (0, first, 0, last)
    both = []
    for size, k, step in zip(value.frame, window.reach, window.stride, strict=False):
        missing = max(0, (-(-size // step) - 1) * step + k - size)
        small, large = missing // 2, missing - missing // 2
        both.append((small, large) if mode == "SAME_UPPER" else (large, small))
    (top, bottom), (left, right) = both
    return top, left, bottom, right
