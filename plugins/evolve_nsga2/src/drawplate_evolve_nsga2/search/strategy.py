# SPDX-License-Identifier: GPL-3.0-or-later
"""Which points are tried next."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import define

from drawplate_evolve_nsga2.candidate.genome import Coding
from drawplate_evolve_nsga2.nsga import Evolution, Individual, Point


class Strategy(Protocol):
    """Asked for points, told what they are worth, until it has no more."""

    @property
    def total(self) -> int:
        """How many points it will ask for at most."""

    def ask(self, generation: int) -> list[Point]:
        """Return the points of a generation, the baseline first of all; none at the end."""

    def tell(self, individuals: Sequence[Individual]) -> None:
        """Learn what they are worth."""

    def state(self) -> dict[str, Any]:
        """Return all that decides what is asked next, as JSON values."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""


@define
class Generations:
    """NSGA-II by generations."""

    evolution: Evolution
    first: Sequence[Point]
    """Of the first generation, the baseline first of all."""
    generations: int

    @classmethod
    def of(
        cls, coding: Coding, population: int, generations: int, seed: int, first: Sequence[Point] = ()
    ) -> Generations:
        """Begin, with the baseline where nothing else is said."""
        evolution = Evolution(coding.axes, population, seed=seed, repair=coding.repaired)
        return cls(evolution, first or [coding.baseline], generations)

    @property
    def total(self) -> int:
        """Population times generations."""
        return self.evolution.population * self.generations

    def ask(self, generation: int) -> list[Point]:
        """Return children; in the first generation what is given, and points drawn at random."""
        if generation >= self.generations:
            return []
        return self.evolution.ask(self.evolution.population, [] if generation else list(self.first))

    def tell(self, individuals: Sequence[Individual]) -> None:
        """Let the best survive."""
        self.evolution.tell(individuals)

    def state(self) -> dict[str, Any]:
        """Return the evolution's."""
        return self.evolution.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the evolution's."""
        self.evolution.restore(state)


@define
class Listed:
    """Points that are known from the start."""

    points: Sequence[Point]

    @classmethod
    def grid(cls, coding: Coding) -> Listed:
        """All points, the last gene running fastest, each meaning once."""
        everything = itertools.product(*(range(axis.size) for axis in coding.axes))
        return cls(list(dict.fromkeys([coding.baseline, *map(coding.repaired, everything)])))

    @classmethod
    def sample(cls, coding: Coding, count: int, seed: int) -> Listed:
        """Points drawn at random, all different."""
        return cls(Evolution(coding.axes, count, seed=seed, repair=coding.repaired).ask(count, [coding.baseline]))

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.points)

    def ask(self, generation: int) -> list[Point]:
        """Return all at once."""
        return [] if generation else list(self.points)

    def tell(self, individuals: Sequence[Individual]) -> None:
        """Nothing is learnt."""

    def state(self) -> dict[str, Any]:
        """Nothing changes."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing changes."""
