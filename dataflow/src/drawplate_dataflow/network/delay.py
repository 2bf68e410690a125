# SPDX-License-Identifier: Apache-2.0
"""How much later a layer sends than it reads, whatever the interval of the network is."""

from __future__ import annotations

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

    def words(self, beats: int) -> int:
        """Return how many words of a stream come meanwhile; at most one comes per clock."""
        return ceil(self.part * beats) + self.clocks
