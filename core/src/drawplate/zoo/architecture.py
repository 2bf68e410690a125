# SPDX-License-Identifier: Apache-2.0
"""What the ``architectures`` hook returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from drawplate.errors import FlowError

if TYPE_CHECKING:
    from onnx import ModelProto

Shape = tuple[int, ...]
"""Of one item: channels, height, width of a picture."""


class Builder(Protocol):
    """Writes a model."""

    def __call__(self, options: Any, *, shape: Shape, classes: int, seed: int) -> ModelProto:
        """Return a FLOAT model: ``input`` (N, ...) of normalised items to ``logits`` (N, classes)."""


def picture(shape: Shape, name: str) -> Shape:
    """Return the shape of a picture's channels, height and width.

    Raises:
        FlowError: when items are no pictures.
    """
    if len(shape) != 3:
        wanted = [1, *shape] if len(shape) == 2 else "[channels, height, width]"
        raise FlowError(
            f"takes items of [channels, height, width], these are {list(shape)}",
            where=f"zoo model {name!r}",
            hint=f'choose zoo = "mlp", or give items three axes: shape = {wanted} in [data]',
        )
    return shape


@frozen(kw_only=True)
class Architecture:
    """A family of models, and the options that choose one."""

    summary: str
    options: type
    build: Builder
