# SPDX-License-Identifier: Apache-2.0
"""Kernel, stride and border of convolutions and pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate_quant_finn.graph import attribute
from drawplate_quant_finn.lowering.refusal import refuse
from drawplate_quant_finn.lowering.streams.operators import Window
from drawplate_quant_finn.lowering.streams.value import Value

if TYPE_CHECKING:
    from onnx import NodeProto

Pads = tuple[int, int, int, int]


def read_window(node: NodeProto, value: Value, kernel: list[int]) -> tuple[Window, Pads]:
    """Return the window of a node, and its border: top, left, bottom, right.

    Raises:
        ModelError: when it does not slide over the two dimensions of an image, or in a way without hardware.
    """
    slides = value.place.ndim - 1
    if slides != 2 or len(kernel) != 2:
        over = "one dimension" if slides == 1 else f"{slides} dimensions"
        raise refuse(node, f"it slides over {over}", "use two-dimensional convolutions and pools")
    if not value.image:
        raise refuse(
            node,
            "it slides over an image whose numbers are in another order than channels, rows, columns",
            "remove the Transpose or Reshape before it",
        )
    if any(step != 1 for step in attribute(node, "dilations", [])):
        raise refuse(node, "it is dilated", "use dilations = 1; a dilated window has no hardware yet")
    rows, columns = kernel
    down, across = attribute(node, "strides", [1, 1])
    window = Window(kernel=(rows, columns), stride=(down, across))
    pads = _pads(node, value, window)
    height, width, channels = value.frame
    frame = (height + pads[0] + pads[2], width + pads[1] + pads[3], channels)
    if min(window.over(frame)) < 1:
        raise refuse(node, f"its window of {rows} x {columns} is larger than the image", "use a smaller kernel")
    if attribute(node, "ceil_mode", 0) and any(
        (size - k) % step for size, k, step in zip(frame, window.kernel, window.stride, strict=False)
    ):
        raise refuse(node, "its windows reach over the edge", "use ceil_mode = 0 and explicit pads")
    return window, pads


def _pads(node: NodeProto, value: Value, window: Window) -> Pads:
    mode = attribute(node, "auto_pad", b"NOTSET").decode()
    if mode in {"NOTSET", "VALID"}:
        top, left, bottom, right = attribute(node, "pads", [0, 0, 0, 0]) if mode == "NOTSET" else (0, 0, 0, 0)
        if min(top, left, bottom, right) < 0:
            raise refuse(node, "its pads cut off", "use pads of at least 0")
        return top, left, bottom, right
    both = []
    for size, k, step in zip(value.frame, window.kernel, window.stride, strict=False):
        missing = max(0, (-(-size // step) - 1) * step + k - size)
        small, large = missing // 2, missing - missing // 2
        both.append((small, large) if mode == "SAME_UPPER" else (large, small))
    (top, bottom), (left, right) = both
    return top, left, bottom, right
