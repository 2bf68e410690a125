# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Resizing of images."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from drawplate.torch.handlers import Handler, Node, Op

# What F.interpolate computes, by (mode, coordinate transformation).
_MODES: dict[tuple[str, str], dict[str, Any]] = {
    ("linear", "half_pixel"): {"mode": "bilinear", "align_corners": False},
    ("linear", "pytorch_half_pixel"): {"mode": "bilinear", "align_corners": False},
    ("linear", "align_corners"): {"mode": "bilinear", "align_corners": True},
    ("nearest", "asymmetric"): {"mode": "nearest"},
    ("cubic", "half_pixel"): {"mode": "bicubic", "align_corners": False},
    ("cubic", "align_corners"): {"mode": "bicubic", "align_corners": True},
}


def resize(node: Node) -> Op:
    """Resize of height and width, as far as torch does the same."""
    mode = node.attribute("mode", "nearest")
    transformation = node.attribute(
        "coordinate_transformation_mode", "half_pixel" if node.opset >= 11 else "asymmetric"
    )
    nearest = node.attribute("nearest_mode", "round_prefer_floor" if node.opset >= 11 else "floor")
    arguments = _MODES.get((mode, transformation))
    cubic = mode == "cubic" and node.attribute("cubic_coeff_a", -0.75) != -0.75
    antialias = bool(node.attribute("antialias", 0))
    if arguments is None or cubic or antialias or (mode == "nearest" and nearest != "floor"):
        raise node.error(f"mode {mode} with {transformation}, {nearest} is not handled")
    scales, sizes = _target(node)

    def call(x: Tensor) -> Tensor:
        if sizes is not None:
            return F.interpolate(x, size=sizes, **arguments)
        return F.interpolate(x, scale_factor=scales, recompute_scale_factor=False, **arguments)

    return Op(call, static=(1, 2, 3))


def _target(node: Node) -> tuple[list[float] | None, list[int] | None]:
    index = 1 if node.opset < 11 or node.op_type == "Upsample" else 2
    if node.has(3):
        sizes = node.required(3, "sizes")
        return None, [int(size) for size in sizes[2:]]
    scales = (
        node.attribute("scales", None)
        if node.op_type == "Upsample" and node.opset < 9
        else node.required(index, "scales")
    )
    if len(scales) != 4 or any(scale != 1 for scale in scales[:2]):
        raise node.error("resizes other dimensions than height and width")
    return [float(scale) for scale in scales[2:]], None


OPS: dict[str, Handler] = {"Resize": resize, "Upsample": resize}
