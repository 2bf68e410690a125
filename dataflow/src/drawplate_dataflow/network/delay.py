# SPDX-License-Identifier: Apache-2.0
"""How much later a layer sends than it reads, whatever the interval of the network is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from attrs import frozen


@frozen
class Delay:
    """How much later something happens."""

    part: Fraction
    """Of the interval."""
    clocks: int

    def __add__(self, other: Delay) -> Delay:
        return Delay(self.part + other.part, self.clocks + other.clocks)

    def __sub__(self, other: Delay) -> Delay:
        return Delay(self.part - other.part, self.clocks - other.clocks)

    def words(self, beats: int, pace: Fraction) -> int:
        """Return how many words of a stream come meanwhile.

        Args:
            beats: words of a frame.
            pace: words that come per clock, at most one.
        """
        return ceil(self.part * beats + self.clocks * pace)


def longest(delays: Sequence[Delay]) -> Delay:
    """Return a delay that is no shorter than any of these."""
    return Delay(max(delay.part for delay in delays), max(delay.clocks for delay in delays))
