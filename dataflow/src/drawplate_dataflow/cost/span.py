# SPDX-License-Identifier: Apache-2.0
"""When the words of one frame move."""

from __future__ import annotations

from attrs import frozen


@frozen
class Span:
    """Clocks at which the first and the last word of a frame move; those between are taken to be evenly spread."""

    first: float
    last: float

    def after(self, part: float) -> float:
        """Return the clock at which a part of the frame has moved."""
        return self.first + part * (self.last - self.first)
