# SPDX-License-Identifier: Apache-2.0
"""How a model's input is normalised once the arithmetic at its front has moved there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate.door.ends import ends_of

if TYPE_CHECKING:
    from onnx import ModelProto

    from drawplate.data import Normalisation


def normalisation_behind(proto: ModelProto, normalisation: Normalisation) -> Normalisation:
    """Return how values become what the model itself is fed, behind the head that was cut off.

    Args:
        proto: a model that came through the door.
        normalisation: how values become what the file was fed.  A file that takes integers is fed values as they are.
    """
    import attrs

    head = ends_of(proto).head
    if head is None:
        return normalisation
    if head.bytes:
        normalisation = attrs.evolve(normalisation, mean=(0.0,), std=(1.0,), scale=1.0, range=_as_stored(normalisation))
    if head.scale is None or head.shift is None:
        return normalisation
    channels = max(map(len, (head.scale, head.shift, normalisation.mean, normalisation.std)))
    rows = [
        _through(*(part[i % len(part)] for part in (normalisation.mean, normalisation.std, head.scale, head.shift)))
        for i in range(channels)
    ]
    if len(set(rows)) == 1:
        rows = rows[:1]
    fed = normalisation.range
    if fed is not None:
        pairs = [(head.scale[i % len(head.scale)], head.shift[i % len(head.shift)]) for i in range(channels)]
        ends = [scale * limit + shift for scale, shift in pairs for limit in fed]
        fed = min(ends), max(ends)
    mean, std = zip(*rows, strict=True)
    return attrs.evolve(normalisation, mean=mean, std=std, range=fed)


def _through(mean: float, std: float, scale: float, shift: float) -> tuple[float, float]:
    """``scale * (x - mean) / std + shift`` as ``(x - mean') / std'``."""
    return mean - shift * std / scale, std / scale


def _as_stored(normalisation: Normalisation) -> tuple[float, float] | None:
    """Range of the values as they are stored, of which ``range`` says what they become."""
    if normalisation.range is None:
        return None
    pairs = list(zip(normalisation.mean, normalisation.std, strict=True))
    ends = [(limit * std + mean) * normalisation.scale for mean, std in pairs for limit in normalisation.range]
    return min(ends), max(ends)
