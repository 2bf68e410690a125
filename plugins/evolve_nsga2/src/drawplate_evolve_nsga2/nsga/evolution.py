# SPDX-License-Identifier: GPL-3.0-or-later
"""NSGA-II, asked and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from attrs import define, field

from drawplate_evolve_nsga2.nsga.individual import Axis, Individual, Point
from drawplate_evolve_nsga2.nsga.selection import Ranked, survivors
from drawplate_evolve_nsga2.nsga.variation import Variation

ATTEMPTS = 50
"""Matings that may give nothing new before a point is drawn at random."""


@define
class Evolution:
    """NSGA-II (Deb, Pratap, Agarwal, Meyarivan 2002) that never asks for a point twice.

    ``ask(population)`` then ``tell`` all is the algorithm by generations; ``ask(1)`` and ``tell`` of one is its
    steady-state form.

    Args:
        axes: what a point has.
        population: how many survive.
        seed: of its own generator; the module ``random`` is left alone.
        repair: brings a point to its canonical form.
    """

    axes: Sequence[Axis]
    population: int
    seed: int
    repair: Callable[[Point], Point] = lambda point: point
    members: list[Ranked] = field(factory=list)
    _seen: set[Point] = field(factory=set)
    _random: Random = field(init=False)
    _variation: Variation = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - no secrets
        self._variation = Variation(axes=self.axes, random=self._random)

    def ask(self, count: int, first: Sequence[Point] = ()) -> list[Point]:
        """Return new points, fewer where the space is exhausted.

        Args:
            count: how many.
            first: points to begin with, such as the baseline.
        """
        begun = list(dict.fromkeys(point for point in map(self.repair, first) if point not in self._seen))[:count]
        self._seen.update(begun)
        asked = [*begun, *self.propose(count - len(begun))]
        self._seen.update(asked)
        return asked

    def propose(self, count: int) -> list[Point]:
        """Return points that differ and were never asked for, fewer where the space is exhausted.

        They may be proposed again until :meth:`take` says that one of them is tried.
        """
        found: dict[Point, None] = {}
        misses = 0
        while len(found) < count and misses < 20 * ATTEMPTS:
            before = len(found)
            found |= dict.fromkeys(point for point in self._offspring(misses) if point not in self._seen)
            misses = 0 if len(found) > before else misses + 1
        return list(found)[:count]

    def take(self, point: Point) -> None:
        """Count a proposed point as asked for."""
        self._seen.add(point)

    def is_new(self, point: Point) -> bool:
        """Whether it was never asked for."""
        return point not in self._seen

    def draw(self) -> Point:
        """Draw any point, all equally likely but for repairs."""
        return self.repair(self._variation.point())

    def _offspring(self, misses: int) -> list[Point]:
        if not self.members or misses >= ATTEMPTS:
            return [self.draw()]
        one, two = self._parent(), self._parent()
        return [self.repair(child) for child in self._variation.children(one, two)]

    def _parent(self) -> Point:
        """Binary tournament by rank and crowding distance."""
        one, two = self._random.choice(self.members), self._random.choice(self.members)
        return (two if two.key < one.key else one).individual.point

    def tell(self, individuals: Sequence[Individual]) -> None:
        """Let the best of parents and children survive; what is told of a point again replaces what was known."""
        told = {one.point for one in individuals}
        self._seen.update(told)
        kept = [member.individual for member in self.members if member.individual.point not in told]
        self.members = survivors([*kept, *individuals], self.population)

    # state --------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Return all that decides what is asked next, as JSON values.

        Ranks and crowding distances are part of it: they were found among parents and children, not among survivors.
        """
        version, words, gauss = self._random.getstate()
        return {
            "random": [version, list(words), gauss],
            "members": [_member_state(member) for member in self.members],
            "seen": [list(point) for point in sorted(self._seen)],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        version, words, gauss = state["random"]
        self._random.setstate((version, tuple(words), gauss))
        self._seen = {tuple(point) for point in state["seen"]}
        self.members = [_read_member(member) for member in state["members"]]


def _member_state(member: Ranked) -> dict[str, Any]:
    one = member.individual
    return {
        "point": list(one.point),
        "objectives": list(one.objectives),
        "violation": one.violation,
        "rank": member.rank,
        "crowding": member.crowding,
    }


def _read_member(state: Mapping[str, Any]) -> Ranked:
    objectives = tuple(map(float, state["objectives"]))  # JSON has no infinity: in the file it is a word
    individual = Individual(tuple(state["point"]), objectives, float(state["violation"]))
    return Ranked(individual, state["rank"], float(state["crowding"]))
