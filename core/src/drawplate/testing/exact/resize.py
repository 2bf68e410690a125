# SPDX-License-Identifier: Apache-2.0
"""Resize by the nearest pixel, from ONNX's specification."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from drawplate.errors import ModelError
from drawplate.testing.exact.number import Exact

HALF = Fraction(1, 2)
PLACES: Mapping[str, Callable[[int, Fraction], Fraction]] = {
    "asymmetric": lambda index, scale: index / scale,
    "half_pixel": lambda index, scale: (index + HALF) / scale - HALF,
}
ROUNDINGS: Mapping[str, Callable[[Fraction], int]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "round_prefer_floor": lambda place: math.ceil(place - HALF),
    "round_prefer_ceil": lambda place: math.floor(place + HALF),
}


def nearest(attributes: Mapping[str, Any], x: Exact, scales: Exact | None, sizes: Exact | None = None) -> Exact:
    """Return ``x`` by scales, or to sizes, of all its dimensions.

    Raises:
        ModelError: for another mode, or a transformation that is not known here.
    """
    import numpy as np

    mode = _text(attributes, "mode", "nearest")
    transformation = _text(attributes, "coordinate_transformation_mode", "half_pixel")
    if mode != "nearest" or transformation not in PLACES:
        raise ModelError(f"Resize with mode {mode} and {transformation} is not known in exact arithmetic")
    place = PLACES[transformation]
    rounded = ROUNDINGS[_text(attributes, "nearest_mode", "round_prefer_floor")]
    if sizes is not None:
        wanted = [int(size) for size in sizes.top]
        factors = [Fraction(new, old) for new, old in zip(wanted, x.shape, strict=True)]
    else:
        factors = list(scales.fractions()) if scales is not None else []
        wanted = [math.floor(old * factor) for old, factor in zip(x.shape, factors, strict=True)]
    top = x.top
    for axis, (new, old, factor) in enumerate(zip(wanted, x.shape, factors, strict=True)):
        picked = [min(max(rounded(place(index, factor)), 0), old - 1) for index in range(new)]
        top = np.take(top, picked, axis=axis)
    return Exact(top, x.bottom)


def _text(attributes: Mapping[str, Any], name: str, default: str) -> str:
    found = attributes.get(name, default)
    return found.decode() if isinstance(found, bytes) else str(found)
