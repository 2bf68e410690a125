# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: TID253
"""Resizing, by torch where torch does the same, else by a matrix per dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from attrs import define, field
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from drawplate.torch.handlers import Handler, Node, Op

# What F.interpolate computes, by (mode, coordinate transformation).
_TORCH: dict[tuple[str, str], dict[str, Any]] = {
    ("linear", "half_pixel"): {"mode": "bilinear", "align_corners": False},
    ("linear", "pytorch_half_pixel"): {"mode": "bilinear", "align_corners": False},
    ("linear", "align_corners"): {"mode": "bilinear", "align_corners": True},
    ("nearest", "asymmetric"): {"mode": "nearest"},
    ("cubic", "half_pixel"): {"mode": "bicubic", "align_corners": False},
    ("cubic", "align_corners"): {"mode": "bicubic", "align_corners": True},
}
_KEPT = (
    *("mode", "coordinate_transformation_mode", "nearest_mode", "cubic_coeff_a"),
    *("exclude_outside", "antialias", "extrapolation_value"),
)
_NEW = 19  # opset that the matrices are made with: it has all coordinate transformations


def resize(node: Node) -> Op:
    """Resize any dimensions; sizes or scales are constants."""
    settings = _settings(node)
    axes, scales, sizes = _target(node)
    matrices = _Matrices(settings, node)
    native = _native(settings)

    def call(x: Tensor) -> Tensor:
        places = [axis % x.ndim for axis in axes] if axes is not None else list(range(x.ndim))
        if sizes is not None:
            pairs = [(place, size, size / x.shape[place]) for place, size in zip(places, sizes, strict=True)]
        else:
            pairs = [(p, int(np.floor(x.shape[p] * s)), s) for p, s in zip(places, scales or (), strict=True)]
        pairs = [pair for pair in pairs if pair[2] != 1]
        if native and _images(x, pairs) and not _one_pixel(settings, pairs):
            wanted = {place: (size, scale) for place, size, scale in pairs}
            both = [wanted.get(place, (x.shape[place], 1.0)) for place in (2, 3)]
            if sizes is not None:
                return F.interpolate(x, size=[size for size, _ in both], **native)
            return F.interpolate(x, scale_factor=[scale for _, scale in both], recompute_scale_factor=False, **native)
        for place, size, scale in pairs:
            matrix = matrices.of(x.shape[place], size, None if sizes is not None else scale)
            x = torch.matmul(x.movedim(place, -1), matrix.to(x)).movedim(-1, place)
        return x

    return Op(call, static=(1, 2, 3))


def _settings(node: Node) -> dict[str, Any]:
    """Return what decides a resize, complete: before opset 11 nothing could be chosen but the mode."""
    old = node.opset < 11 or node.op_type == "Upsample"
    found = {name: node.attributes[name] for name in _KEPT if name in node.attributes}
    found.setdefault("mode", "nearest")
    found.setdefault("coordinate_transformation_mode", "asymmetric" if old else "half_pixel")
    found.setdefault("nearest_mode", "floor" if old else "round_prefer_floor")
    if found["coordinate_transformation_mode"] == "tf_crop_and_resize":
        raise node.error("crops while it resizes (tf_crop_and_resize)")
    if node.attribute("keep_aspect_ratio_policy", "stretch") != "stretch":
        raise node.error("keeps the aspect ratio")
    return found


def _native(settings: dict[str, Any]) -> dict[str, Any] | None:
    """Return the arguments with which torch computes the same; None where it cannot."""
    mode = settings["mode"]
    if settings.get("antialias", 0) or settings.get("exclude_outside", 0):
        return None
    if mode == "cubic" and settings.get("cubic_coeff_a", -0.75) != -0.75:
        return None
    if mode == "nearest" and settings["nearest_mode"] != "floor":
        return None
    return _TORCH.get((mode, settings["coordinate_transformation_mode"]))


def _images(x: Tensor, pairs: Sequence[tuple[int, int, float]]) -> bool:
    return x.ndim == 4 and all(place >= 2 for place, _, _ in pairs)


def _one_pixel(settings: dict[str, Any], pairs: Sequence[tuple[int, int, float]]) -> bool:
    """ONNX's pytorch_half_pixel takes the first pixel where only one is left; torch, in spite of the name, does not."""
    half = settings["coordinate_transformation_mode"] == "pytorch_half_pixel"
    return half and any(size == 1 for _, size, _ in pairs)


def _target(node: Node) -> tuple[list[int] | None, list[float] | None, list[int] | None]:
    """Return axes (None for all), and scales or sizes."""
    axes = node.attribute("axes", None)
    if node.has(3):
        return axes, None, [int(size) for size in node.required(3, "sizes")]
    if node.op_type == "Upsample" and node.opset < 9:
        return None, [float(scale) for scale in node.attribute("scales", [])], None
    index = 1 if node.opset < 11 or node.op_type == "Upsample" else 2
    return axes, [float(scale) for scale in node.required(index, "scales")], None


@define
class _Matrices:
    """What a resize does along one dimension, as a matrix [old, new]: ONNX Runtime resizes the unit matrix."""

    settings: dict[str, Any]
    node: Node
    known: dict[tuple[int, int, float | None], Tensor] = field(factory=dict)

    def of(self, old: int, new: int, scale: float | None) -> Tensor:
        """Return the matrix for sizes, and for a scale where one was given."""
        key = (old, new, scale)
        if key not in self.known:
            self.known[key] = torch.from_numpy(self._made(old, new, scale))
        return self.known[key]

    def _made(self, old: int, new: int, scale: float | None) -> np.ndarray[Any, np.dtype[np.float32]]:
        from onnx import TensorProto, helper, numpy_helper

        from drawplate.ort.session import open_session

        if scale is None:
            given = numpy_helper.from_array(np.array([old, 1, new, 1], np.int64), "sizes")
            inputs = ["x", "", "", "sizes"]
        else:
            given = numpy_helper.from_array(np.array([1, 1, scale, 1], np.float32), "scales")
            inputs = ["x", "", "scales"]
        graph = helper.make_graph(
            [helper.make_node("Resize", inputs, ["y"], name=self.node.name, **self.settings)],
            "resize",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [old, 1, old, 1])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            [given],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _NEW)], ir_version=9)
        session = open_session(model, threads=1, exact=True)
        rows = session.run(None, {"x": np.eye(old, dtype=np.float32).reshape(old, 1, old, 1)})[0]
        return np.ascontiguousarray(rows.reshape(old, -1), np.float32)


OPS: dict[str, Handler] = {"Resize": resize, "Upsample": resize}
