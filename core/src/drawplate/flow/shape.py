# SPDX-License-Identifier: Apache-2.0
"""Shape of an item and number of outputs of a model that is built here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drawplate.errors import FlowError

if TYPE_CHECKING:
    from drawplate.data import Dataset


def shape_and_classes(arguments: dict[str, Any], dataset: Dataset | None) -> tuple[tuple[int, ...], int]:
    """Take ``shape`` and ``classes`` out of a model's arguments, or from the data.

    Raises:
        FlowError: when neither says them, or they are no sizes.
    """
    shape = arguments.pop("shape", None) or (dataset.shape if dataset else None)
    classes = arguments.pop("classes", None) or (dataset.outputs if dataset else None)
    if shape is None or classes is None:
        raise FlowError("needs 'shape' and 'classes', since the flow has no [data] to take them from")
    whole = isinstance(shape, list | tuple) and bool(shape) and all(isinstance(n, int) and n > 0 for n in shape)
    if not whole or not isinstance(classes, int) or classes < 1:
        raise FlowError(
            f"shape = {shape!r}, classes = {classes!r}",
            allowed="shape = [channels, height, width], or of any other item; classes = a number",
        )
    return tuple(shape), classes
