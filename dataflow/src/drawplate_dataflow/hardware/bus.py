# SPDX-License-Identifier: Apache-2.0
"""How a stream crosses the port between memory and a design: in words of the bus, one per clock.

Words of the stream that are wider than the bus take several of its words.  Of narrower ones as many as divide a frame
and fit lie side by side.  Unused bits are the highest.
"""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Crossing:
    """A stream's frame on a bus."""

    bus_bits: int
    width: int
    """Bits of a word of the stream."""
    beats: int
    """Words of a frame of the stream."""

    @property
    def split(self) -> int:
        """Words of the bus that carry one word of the stream; 1 where a word of the bus carries one or several."""
        return -(-self.width // self.bus_bits)

    @property
    def packed(self) -> int:
        """Words of the stream side by side in a word of the bus."""
        most = max(1, self.bus_bits // self.width)
        return next(count for count in range(min(most, self.beats), 0, -1) if self.beats % count == 0)

    @property
    def words(self) -> int:
        """Words of the bus per frame."""
        return self.beats * self.split // self.packed
