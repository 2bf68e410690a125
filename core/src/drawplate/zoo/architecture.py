# SPDX-License-Identifier: Apache-2.0
"""What the ``architectures`` hook returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from onnx import ModelProto

Shape = tuple[int, int, int]
"""Channels, height, width."""


class Builder(Protocol):
    """Writes a model."""

    def __call__(self, options: Any, *, shape: Shape, classes: int, seed: int) -> ModelProto:
        """Return a FLOAT model: ``input`` (N, C, H, W) of normalised pixels to ``logits`` (N, classes)."""


@frozen(kw_only=True)
class Architecture:
    """A family of models, and the options that choose one."""

    summary: str
    options: type
    build: Builder
