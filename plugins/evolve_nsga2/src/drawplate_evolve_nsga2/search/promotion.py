# SPDX-License-Identifier: GPL-3.0-or-later
"""Which candidates of a rung are trained on (successive halving: Jamieson and Talwalkar, AISTATS 2016).

Without waiting for a rung to fill: Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.nsga import Point, ranked
from drawplate_evolve_nsga2.task.task import Task

SOUND = 1e-3
"""Violation below which a candidate is only unfinished."""


def quota(tried: int, keep: float, *, whole: bool) -> int:
    """Return how many of so many candidates are trained on.

    Args:
        tried: candidates at a rung.
        keep: part of them.
        whole: round up, because no more will come; else down.
    """
    return (math.ceil if whole else math.floor)(round(keep * tried, 9))


def promoted(tried: Sequence[Candidate], task: Task, count: int) -> list[Point]:
    """Return so many of those that were tried at one rung, the best first, and the baseline before all.

    Better is who has the lower non-dominated rank among them, and then the greater crowding distance.
    """
    individuals = [one.individual(task.goals, task.limits) for one in tried]
    sound = [one for one in individuals if one.violation < SOUND]
    order = [one.individual.point for one in sorted(ranked(sound), key=lambda one: one.key)]
    baseline = [one.point for one in tried if one.point == task.coding.baseline and one.status == "ok"]
    return list(dict.fromkeys([*baseline, *order[:count]]))
