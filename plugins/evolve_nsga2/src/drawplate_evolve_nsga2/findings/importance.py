# SPDX-License-Identifier: GPL-3.0-or-later
"""How much each gene matters: what of an objective's variance a forest of random trees explains by it.

Geurts, Ernst and Wehenkel, "Extremely randomized trees", Machine Learning 2006.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drawplate import Job
from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.candidate.trial import values_of
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.task.task import Task
from drawplate_evolve_nsga2.wanted.goals import PENALTY

FEWEST = 16
"""Candidates trained to the end without which nothing is said."""
TREES = 100


def report_importance(candidates: Iterable[Candidate], task: Task, job: Job) -> None:
    """Record the importance of every gene for every objective; those of one objective add up to 1."""
    done = [one for one in candidates if one.status == "ok" and not one.missing]
    for goal in task.goals:
        pairs = [(one.point, goal.of(values_of(one.metrics))) for one in done]
        pairs = [(point, value) for point, value in pairs if value < PENALTY]
        if len(pairs) < FEWEST or len({value for _, value in pairs}) < 2:
            continue
        found = importance([point for point, _ in pairs], [value for _, value in pairs])
        for gene, share in zip(task.coding.genes, found, strict=True):
            row = {"objective": goal.name, "gene": gene, "importance": round(share, 4), "candidates": len(pairs)}
            job.row("importance", f"{goal.name} {gene}", row)


def importance(points: Sequence[Point], values: Sequence[float]) -> list[float]:
    """Return the share of every axis."""
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(TREES, random_state=0, n_jobs=1).fit(points, values)
    return [float(share) for share in forest.feature_importances_]
