# SPDX-License-Identifier: Apache-2.0
"""The grids that numbers are rounded to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


@frozen
class Grid:
    """Integers that a quantized number may be, times its scale.  One bit and a sign is -1 or +1."""

    bits: int
    signed: bool
    narrow: bool = False
    """Whether the most negative code is left out, so that the grid is symmetric around 0."""

    @property
    def low(self) -> int:
        """Smallest code."""
        if self.bipolar:
            return -1
        return -(1 << (self.bits - 1)) + int(self.narrow) if self.signed else 0

    @property
    def high(self) -> int:
        """Largest code."""
        if self.bipolar:
            return 1
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1 - int(self.narrow)

    @property
    def bipolar(self) -> bool:
        """Whether it is the sign alone."""
        return self.signed and self.bits == 1

    @property
    def datatype(self) -> str:
        """QONNX's name of the codes' type."""
        if self.bipolar:
            return "BIPOLAR"
        return f"{'INT' if self.signed else 'UINT'}{self.bits}"

    def codes(self, values: ArrayLike, scale: float) -> NDArray[np.float64]:
        """Round to nearest (half to even), clipped; 0 counts as positive where only the sign is kept."""
        import numpy as np

        ratio = np.asarray(values, dtype=np.float64) / scale
        if self.bipolar:
            return np.where(ratio >= 0, 1.0, -1.0)
        return np.clip(np.round(ratio), self.low, self.high)

    def quantized(self, values: ArrayLike, scale: float) -> NDArray[np.float64]:
        """Round values to the grid of a given step."""
        return self.codes(values, scale) * scale


def weight_grid(bits: int) -> Grid:
    """Grid of weights: symmetric, 2^n - 1 values; the sign at 1 bit."""
    return Grid(bits, signed=True, narrow=True)


def best_scale(values: ArrayLike, grid: Grid) -> float:
    """Return the step with the least mean squared error, of 100 that use from 1/50 to the whole of the range."""
    import numpy as np

    flat = np.asarray(values, dtype=np.float64).ravel()
    if grid.bipolar:
        return float(np.abs(flat).mean()) or 1.0
    reach = max(flat.max(initial=0) / grid.high, flat.min(initial=0) / grid.low if grid.low else 0)
    if reach <= 0:
        return 1 / grid.high
    candidates = reach * np.geomspace(0.02, 1, 100)
    errors = [float(np.square(grid.quantized(flat, scale) - flat).mean()) for scale in candidates]
    return float(candidates[int(np.argmin(errors))])


def percentile_scale(values: ArrayLike, grid: Grid) -> float:
    """Return the step with which a percentile of :data:`PERCENTILE` of the magnitudes is the largest code."""
    import numpy as np

    flat = np.abs(np.asarray(values, dtype=np.float64).ravel())
    return float(np.percentile(flat, PERCENTILE)) / grid.high or largest_scale(flat, grid)


def largest_scale(values: ArrayLike, grid: Grid) -> float:
    """Return the step with which the largest magnitude is the largest code."""
    import numpy as np

    return float(np.abs(np.asarray(values, dtype=np.float64)).max(initial=0)) / grid.high or 1 / grid.high


PERCENTILE = 99.9
SCALES: Mapping[str, Callable[[ArrayLike, Grid], float]] = {
    "error": best_scale,
    "percentile": percentile_scale,
    "largest": largest_scale,
}
"""How the step of a grid is found from values."""
