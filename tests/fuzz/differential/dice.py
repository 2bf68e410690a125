# SPDX-License-Identifier: Apache-2.0
"""Where the choices of a network come from: a seed, or hypothesis."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

from attrs import frozen

T = TypeVar("T")


class Source(Protocol):
    """Where choices come from."""

    def integer(self, low: int, high: int) -> int:
        """Return a number from ``low`` to ``high``, both included."""


class Seeded:
    """Choices by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self.random.randint(low, high)


@frozen
class Dice:
    """What is drawn of a source; the first of several is what hypothesis shrinks to."""

    source: Source
    odd: str = ""

    def chance(self, percent: int) -> bool:
        return self.source.integer(0, 99) >= 100 - percent

    def among(self, options: Sequence[T]) -> T:
        return options[self.source.integer(0, len(options) - 1)]

    def number(self, low: int, high: int) -> int:
        return self.source.integer(low, high)
