# SPDX-License-Identifier: Apache-2.0
"""Thresholds that lie on a straight line, as a multiplication and a shift: exact, or not used.

For a channel with thresholds t_1 <= ... <= t_N, ``(m * s + b) >> k`` counts the reached ones for every sum s exactly if

    m * t_i + b >= i * 2**k   and   m * (t_i - 1) + b < i * 2**k

for all i.  For a given m these are an upper and a lower bound of b; their distance is concave in m, so its maximum
is found by bisection of its slope, and the fit is possible if and only if it is not negative there.  What fits with a
shift of k - 1 fits with one of k and twice the factor: where a channel's best factor is not the largest one and does
not do, no smaller shift does either.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.technology import Multiplier

FIRST = 8
"""Channels that are fitted before the others."""


@frozen(eq=False)
class Requantiser:
    """Factor and bias of every channel and the common shift."""

    factor: Integers
    bias: Integers
    shift: int
    factor_bits: int
    levels: int

    @property
    def bias_bits(self) -> int:
        """Bits of the signed biases."""
        return max(int(np.abs(self.bias).max(initial=0)).bit_length() + 1, 2)


def fit(thresholds: Integers, bits: int, multiplier: Multiplier) -> Requantiser | None:
    """Find factors and biases that give the same codes as thresholds for every sum.

    Args:
        thresholds: [channels, N] unsigned; ``2**bits - 1`` means never.
        bits: of the sums, which are below ``2**bits - 1``.
        multiplier: what multiplies a sum by a factor, both positive on signed ports.

    Returns:
        The requantiser, or None where none is exact or the operands do not fit the multiplier.
    """
    wide, narrow = multiplier.wide - 1, multiplier.narrow - 1
    if bits > wide:
        return None
    factor_bits = wide if bits <= narrow else narrow
    never = (1 << bits) - 1
    count = thresholds.shape[1]
    inner = (thresholds > 0) & (thresholds < never)
    if not inner.any() or count < 2:
        return None
    spacing = _smallest_spacing(thresholds, inner)
    for shift in range(factor_bits - 1 + int(np.log2(spacing)), max(spacing.bit_length() - 1, 4), -1):
        if shift + count.bit_length() >= multiplier.sum_bits - 2:
            continue
        found, hopeful = _fit_shift(thresholds, never, shift, (1 << factor_bits) - 1)
        if found is not None:
            return Requantiser(found[0], found[1], shift, factor_bits, count)
        if not hopeful or shift < factor_bits - 8:
            break
    return None


def _smallest_spacing(thresholds: Integers, inner: np.ndarray) -> int:
    """Mean spacing of the thresholds of the densest channel, at least 1."""
    means = [
        np.ptp(row[kept]) / (kept.sum() - 1) for row, kept in zip(thresholds, inner, strict=True) if kept.sum() > 1
    ]
    return max(1, int(min(means, default=1)))


def _fit_shift(
    thresholds: Integers, never: int, shift: int, largest: int
) -> tuple[tuple[Integers, Integers] | None, bool]:
    """Fit all channels with one shift; a few first, since where it fails it mostly does so for any of them.

    Returns:
        Factors and biases, or None; and whether a smaller shift may do.
    """
    parts = []
    for rows in (thresholds[:FIRST], thresholds[FIRST:]):
        factor, slack, lower = _fit_rows(rows, never, shift, largest)
        if not np.all(slack >= 0):
            return None, bool(np.all(factor[slack < 0] == largest))
        parts.append((factor, lower))
    factors, biases = (np.concatenate(found) for found in zip(*parts, strict=True))
    return (factors, biases), True


def _fit_rows(thresholds: Integers, never: int, shift: int, largest: int) -> tuple[Integers, Integers, Integers]:
    """Return the factors with the largest distance between the bounds of b, this distance, and the lower bound."""
    low, high = np.zeros(len(thresholds), np.int64), np.full(len(thresholds), largest, np.int64)
    while np.any(low < high):
        middle = (low + high) // 2
        slopes = _slack(thresholds, never, shift, middle + 1)[0] - _slack(thresholds, never, shift, middle)[0]
        low = np.where((slopes > 0) & (low < high), middle + 1, low)
        high = np.where((slopes <= 0) & (low < high), middle, high)
    return (low, *_slack(thresholds, never, shift, low))


def _slack(thresholds: Integers, never: int, shift: int, factor: Integers) -> tuple[Integers, Integers]:
    """Distance between the bounds of b, and the lower one, for a factor per channel."""
    steps = np.arange(1, thresholds.shape[1] + 1, dtype=np.int64) << shift
    m = factor[:, None]
    huge = np.int64(1) << 60
    lower = np.where(thresholds < never, steps - m * thresholds, -huge).max(axis=1)
    upper = np.where(thresholds > 0, steps - 1 - m * (np.minimum(thresholds, never) - 1), huge).min(axis=1)
    # With every threshold reached, or none, one side is open: any b near the other bound will do.
    lower = np.where(lower == -huge, upper, lower)
    upper = np.where(upper == huge, lower, upper)
    return upper - lower, lower
