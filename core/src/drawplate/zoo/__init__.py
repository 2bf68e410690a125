# SPDX-License-Identifier: Apache-2.0
"""Models to start from, written as ONNX by their own few lines: no framework is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drawplate.zoo.architecture import Architecture, Shape

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["Architecture", "Shape", "build_model"]


def build_model(name: str, arguments: Mapping[str, Any], *, shape: Shape, classes: int, seed: int) -> ModelProto:
    """Build a model of an installed architecture.

    Args:
        name: e.g. ``mlp``.
        arguments: its options, as under ``[model]`` in a flow.
        shape: of one item; channels, height and width of pictures.
        classes: how many classes it tells apart.
        seed: of the initial weights.

    Raises:
        FlowError: for an unknown architecture or option.
    """
    from drawplate.errors import FlowError, nearest
    from drawplate.options import read_options
    from drawplate.plugins import contributions

    found = contributions("architectures")
    if name not in found:
        raise FlowError(f"there is no architecture {name!r}", allowed=sorted(found), meant=nearest(name, found))
    architecture: Architecture = found[name]
    options: Any = read_options(architecture.options, arguments, f"zoo model {name!r}")
    return architecture.build(options, shape=shape, classes=classes, seed=seed)
