# SPDX-License-Identifier: GPL-3.0-or-later
"""A point of the search, and what it is worth."""

from __future__ import annotations

from attrs import frozen

Point = tuple[int, ...]
"""One index per axis."""


@frozen
class Axis:
    """One gene as the search sees it: so many values, of which neighbours are alike or not."""

    size: int
    ordered: bool


@frozen
class Individual:
    """A point with its objectives, all to be made small, and finite."""

    point: Point
    objectives: tuple[float, ...]
    violation: float = 0.0
    """By how much constraints are missed; any violation is worse than none."""
