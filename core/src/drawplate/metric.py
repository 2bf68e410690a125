# SPDX-License-Identifier: Apache-2.0
"""A number, and where it comes from."""

from __future__ import annotations

import math
from enum import StrEnum

from attrs import field, frozen


class Source(StrEnum):
    """How a number was obtained, from the most to the least certain."""

    MEASURED = "measured"
    """A device or a host ran it."""
    SIMULATED = "simulated"
    """A cycle-accurate simulation ran it."""
    PLACED = "placed"
    """A place-and-route tool counted and timed it."""
    SYNTHESISED = "synthesised"
    """A synthesis tool counted it."""
    ESTIMATED = "estimated"
    """A model of the hardware said so."""

    @property
    def mark(self) -> str:
        """What tables write beside a figure; nothing for what was measured."""
        return {Source.MEASURED: "", Source.PLACED: "pnr"}.get(self, self.value[:3])


class Direction(StrEnum):
    """Which values are better."""

    HIGHER = "higher"
    LOWER = "lower"


def _direction(said: str | None) -> Direction | None:
    return None if said is None else Direction(said)


@frozen(kw_only=True)
class Metric:
    """One figure about a model or a build.  A metric without a source cannot be made."""

    name: str
    """Lower-case name that objectives and tables use, e.g. ``top1``, ``lut``, ``latency_ms``."""
    value: float = field(converter=float)
    unit: str
    """Unit as printed, e.g. ``ms``, ``%``, ``LUT``; empty for a plain count."""
    source: Source = field(converter=Source)
    error: float | None = None
    """Half width of the error bar, in ``unit``; None where none is known."""
    low: float | None = None
    """Lower end of the error bar, where it is not as far below the value as ``error`` reaches above it."""
    layer: str | None = None
    """The layer that the figure is about; None for the whole model."""
    note: str = ""
    """What a reader has to know, e.g. ``post-synthesis, not placed``."""
    split: str = ""
    """Split of the data that it is about: ``train``, ``val`` or ``test``; empty for what is about none.  What is found
    on the test split never chooses."""
    count: int | None = None
    """How many examples of the split it was found on; None where nobody has said."""
    direction: Direction | None = field(default=None, converter=_direction)
    """Which values are better; None where nobody has said."""

    @property
    def may_choose(self) -> bool:
        """Whether a search may be led by it: the test split is only for measuring."""
        return self.split != "test"

    @property
    def finite(self) -> bool:
        """Whether the value can be compared."""
        return math.isfinite(self.value)
