# SPDX-License-Identifier: Apache-2.0
"""What is known of a design that has been placed and routed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from drawplate_dataflow.place import TimingPath
from drawplate_dataflow.resources import Resources

Derive = Callable[[str, Mapping[str, Any], Callable[[Path], None]], Path]
"""``job.derived``: a folder that is made once per key."""


@frozen(kw_only=True)
class Placed:
    """Counts and clock."""

    resources: Resources
    """LUTs are positions: those that carry chains only pass through are counted."""
    fmax_mhz: float
    """The fastest clock that the slowest path allows, as far as the tool knows the chip."""
    tool: str
    standing: str
    """What the tool leaves out, for readers."""
    slices: int | None = None
    layers: Mapping[str, Resources] = field(factory=dict)
    """By module of a layer; ``wrapper`` is what is no layer's."""
    slowest: TimingPath | None = None
    tiles: Mapping[str, tuple[tuple[int, int], ...]] = field(factory=dict)
    """By module of a layer: the tiles (column, row) that it occupies."""

    def clock(self, wanted_mhz: float) -> tuple[float, str]:
        """Return the clock that rates are given at, in MHz, and what is known of it."""
        if self.fmax_mhz >= wanted_mhz:
            return wanted_mhz, f", placed: {self.fmax_mhz:.1f} MHz are possible ({self.tool}, {self.standing})"
        reached = int(10 * self.fmax_mhz) / 10
        return reached, f", placed: the fastest that was routed, not the {wanted_mhz:g} MHz that were asked for"
