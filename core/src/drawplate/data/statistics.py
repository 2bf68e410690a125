# SPDX-License-Identifier: Apache-2.0
"""The normalisation of a data set: as the flow says, or from its training data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from drawplate.data.model import DatasetReader
from drawplate.data.normalisation import BYTES, Normalisation
from drawplate.data.options import Affine, DataOptions
from drawplate.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[Any]

WORDS = 65535.0
"""Largest value of a 16-bit picture."""
PART = 1 << 22
"""Values that are worked on at once."""


def find_normalisation(options: DataOptions, reader: DatasetReader, x: Values, where: str) -> Normalisation:
    """Return how the training data, shape (N, ...), are normalised, and what range a model is then fed.

    Raises:
        DataError: when the flow's numbers do not fit the data.
    """
    chosen = _chosen(options, reader, x, where)
    return _ranged(chosen, options.range, x, where)


def _chosen(options: DataOptions, reader: DatasetReader, x: Values, where: str) -> Normalisation:
    channels = x.shape[1]
    given = options.normalise or reader.normalise or ("none" if x.dtype.kind == "f" else "unit")
    if isinstance(given, Affine):
        return _given(given, x, f"{where}, option 'normalise'")
    plain = Normalisation((0.0,) * channels, (1.0,) * channels, 1.0 if given == "none" else _scale(given, x))
    if given != "standard":
        return plain
    return reader.standard or _standard(x, plain.scale)


def _scale(kind: str, x: Values) -> float:
    import numpy as np

    fixed = {"uint8": BYTES, "uint16": WORDS}.get(x.dtype.name)
    if fixed:
        return fixed
    return 1.0 if kind == "standard" else float(max(-np.float64(x.min()), np.float64(x.max()))) or 1.0


def _standard(x: Values, scale: float) -> Normalisation:
    import numpy as np

    axes = (0, *range(2, x.ndim))
    many = (-1, *(1,) * (x.ndim - 2))
    mean = sum(part.sum(axis=axes, dtype=np.float64) for part in _parts(x)) * x.shape[1] / x.size
    squares = sum(((part - mean.reshape(many)) ** 2).sum(axis=axes) for part in _parts(x))
    std, mean = np.sqrt(squares * x.shape[1] / x.size) / scale, mean / scale
    # A channel that is constant has a deviation of rounding errors; squares of tiny values vanish.
    std[(x.min(axis=axes) == x.max(axis=axes)) | (std == 0)] = 1
    return Normalisation(tuple(map(float, mean)), tuple(map(float, std)), scale)


def _parts(x: Values) -> Iterator[Values]:
    """Yield items in parts of which there is room for copies in float64."""
    step = max(1, PART * len(x) // x.size)
    return (x[start : start + step] for start in range(0, len(x), step))


def _given(numbers: Affine, x: Values, where: str) -> Normalisation:
    channels = x.shape[1]
    for name, values in (("mean", numbers.mean), ("std", numbers.std), ("scale", (numbers.scale or 1.0,))):
        if not all(map(math.isfinite, values)):
            raise DataError(f"{name} is {list(values)}", where=where, allowed="finite numbers")
    for name, values in (("mean", numbers.mean), ("std", numbers.std)):
        if len(values) not in (1, channels):
            raise DataError(
                f"{name} has {len(values)} numbers, items of shape {list(x.shape[1:])} have {channels} channels",
                where=where,
                allowed=f"1 or {channels}",
            )
    mean, std = (values * (channels if len(values) == 1 else 1) for values in (numbers.mean, numbers.std))
    return Normalisation(mean, std, numbers.scale or {"uint8": BYTES, "uint16": WORDS}.get(x.dtype.name, 1.0))


def _ranged(plain: Normalisation, given: tuple[float, float] | None, x: Values, where: str) -> Normalisation:
    import attrs
    import numpy as np

    place = f"{where}, option 'range'"
    if given is not None and not (given[0] < given[1] and all(map(math.isfinite, given))):
        raise DataError(f"is {list(given)}", where=place, allowed="[smallest, largest]")
    if given is not None and x.dtype == np.uint8:
        raise DataError("is given, and the data are bytes", where=place, allowed="no range: bytes are 0..255")
    if x.dtype == np.uint8:
        return plain  # all of 0..255 may come
    axes = (0, *range(2, x.ndim))
    scale, shift = plain.factors(1)
    with np.errstate(all="ignore"):
        low, high = (extreme(axis=axes).astype(np.float64) * scale - shift for extreme in (x.min, x.max))
    limit = float(np.finfo(np.float32).max)
    if not (np.isfinite(low) & np.isfinite(high) & (np.abs(low) < limit) & (np.abs(high) < limit)).all():
        raise DataError(
            f"normalised values go from {low.min():g} to {high.max():g}", where=where, allowed="numbers of float32"
        )
    return attrs.evolve(plain, range=given or (float(low.min()), float(high.max())))
