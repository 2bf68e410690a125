# SPDX-License-Identifier: GPL-3.0-or-later
"""Spearman's rank correlation."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the rank correlation; None where one of the two does not vary."""
    first, second = ranks(one), ranks(other)
    if len(set(first)) < 2 or len(set(second)) < 2:
        return None
    return round(statistics.correlation(first, second), 4)


def ranks(values: Sequence[float]) -> list[float]:
    """Return ranks from 1; equal values share the mean of theirs."""
    return [sum(other < value for other in values) + (values.count(value) + 1) / 2 for value in values]
