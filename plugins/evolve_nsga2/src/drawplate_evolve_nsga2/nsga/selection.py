# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: TID253 - this module exists only to use Platypus
"""Who is better: Platypus' non-dominated sorting and crowding distance (Deb et al. 2002, sections III-A and III-B)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen
from platypus import Problem, Solution
from platypus.core import nondominated_sort

from drawplate_evolve_nsga2.nsga.individual import Individual


@frozen(order=False)
class Ranked:
    """An individual among others."""

    individual: Individual
    rank: int
    """0 for those that none of the others dominates."""
    crowding: float
    """Distance to its neighbours in its front; infinite at the ends."""

    @property
    def key(self) -> tuple[int, float]:
        """Sorts the better one first: the crowded comparison operator."""
        return (self.rank, -self.crowding)


def ranked(individuals: Sequence[Individual]) -> list[Ranked]:
    """Rank individuals, in the order given.

    Feasible ones come before others, and of others those that violate less (Deb et al. 2002, section VI).
    """
    if not individuals:
        return []
    problem = Problem(1, len(individuals[0].objectives), 1)
    solutions = [_solution(problem, individual) for individual in individuals]
    nondominated_sort(solutions)
    return [
        Ranked(individual, solution.rank, solution.crowding_distance)
        for individual, solution in zip(individuals, solutions, strict=True)
    ]


def survivors(individuals: Sequence[Individual], count: int) -> list[Ranked]:
    """Return the best, by rank and then by crowding distance."""
    return sorted(ranked(individuals), key=lambda one: one.key)[:count]


def front(individuals: Sequence[Individual]) -> list[Individual]:
    """Return the feasible individuals that no other dominates; of equal objectives the first."""
    feasible = [one for one in individuals if one.violation == 0]
    best = [one.individual for one in ranked(feasible) if one.rank == 0]
    return list({one.objectives: one for one in reversed(best)}.values())[::-1]


def _solution(problem: Any, individual: Individual) -> Any:
    solution = Solution(problem)
    solution.objectives[:] = individual.objectives
    solution.constraint_violation = individual.violation
    solution.feasible = individual.violation == 0
    solution.evaluated = True
    return solution
