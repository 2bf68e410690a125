# SPDX-License-Identifier: Apache-2.0
"""How values become what a model is fed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BYTES = 255.0


@frozen
class Normalisation:
    """``(x / scale - mean) / std``, with one mean and deviation per entry of an item's first axis, or one for all.

    The first axis of an item is its channels, or of a vector its features.
    """

    mean: tuple[float, ...]
    """Of x / scale."""
    std: tuple[float, ...]
    scale: float = BYTES
    range: tuple[float, float] | None = None
    """Smallest and largest value that a model is fed; None for bytes, where all of 0..255 may come."""

    @property
    def of_bytes(self) -> bool:
        """Whether x is bytes (uint8)."""
        return self.range is None

    @property
    def fed(self) -> tuple[float, float]:
        """Smallest and largest value that a model is fed."""
        if self.range is not None:
            return self.range
        edges = (0.0, BYTES / self.scale)
        ends = [(edge - mean) / std for mean, std in zip(self.mean, self.std, strict=True) for edge in edges]
        return min(ends), max(ends)

    def factors(self, rank: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return scale and shift, ``x * scale - shift``, ready to broadcast.

        Args:
            rank: dimensions of one item, without the batch.
        """
        import numpy as np

        mean, std = np.asarray(self.mean, np.float64), np.asarray(self.std, np.float64)
        shape = (-1, *(1,) * (rank - 1))
        return (1 / (self.scale * std)).reshape(shape), (mean / std).reshape(shape)

    def apply(self, x: NDArray[Any]) -> NDArray[np.float32]:
        """Normalise a batch: bytes in float32, wider types in float64, so that a large offset costs no digits.

        Args:
            x: any real type, shape (N, ...).

        Returns:
            float32 of the same shape.
        """
        import numpy as np

        scale, shift = self.factors(x.ndim - 1)
        if x.dtype == np.uint8:
            scale, shift = scale.astype(np.float32), shift.astype(np.float32)
        normalised = x.astype(scale.dtype) * scale - shift
        return normalised.astype(np.float32, copy=False)
