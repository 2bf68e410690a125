# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a candidate before it is trained: its genes, its sizes, and the objectives that are counted."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
from attrs import define, field, frozen

from drawplate import DrawplateError, Job
from drawplate.processes import scratch_root
from drawplate.search import Gene
from drawplate.store import Store
from drawplate_evolve_nsga2.candidate.estimate import counted, previewed
from drawplate_evolve_nsga2.candidate.trial import values_of
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.task.task import Task
from drawplate_evolve_nsga2.wanted.goals import COUNTED, MEASURES

WIDE: Final = 4
"""Times the least of a gene's numbers the greatest is at least, where they go by their logarithm."""

CLEARED: Final = 32
"""Looks after which the models that were looked at are removed: to make and remove folders takes longer than a look."""


@frozen
class Known:
    """Of one point."""

    features: tuple[float, ...]
    values: Mapping[str, float]
    """Metrics that counting and previews tell exactly, by name."""
    violation: float
    """By how much they miss the limits."""
    size: float
    """Decades of what is counted, all together."""


@define
class Features:
    """Finds out what is known of points, each once; models of candidates that may never be tried are not kept."""

    task: Task
    job: Job
    _known: dict[Point, Known | None] = field(factory=dict)
    _models: Store = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._models = Store(Path(tempfile.mkdtemp(prefix="looked-at-", dir=scratch_root())), lasting=False)

    def of(self, point: Point) -> Known | None:
        """Return what is known; None where the candidate cannot be built."""
        if point not in self._known:
            try:
                self._known[point] = self._look(point)
            except DrawplateError:
                self._known[point] = None
        return self._known[point]

    def _look(self, point: Point) -> Known:
        task, job = self.task, attrs.evolve(self.job, store=self._models)
        if len(self._known) % CLEARED == CLEARED - 1:
            shutil.rmtree(self._models.root, ignore_errors=True)
        trial = task.trial(task.place(point, 0), job)
        exact = {*COUNTED, *MEASURES}
        if {goal.name for goal in task.goals} <= exact and {limit.name for limit in task.limits} <= exact:
            values = values_of(counted(trial.model))
        else:
            values = values_of(previewed(trial.model, trial.teachers, trial.steps, trial.seed, job).metrics)
        sizes = [values[name] for name in COUNTED if name in values]
        genes = [
            part for gene, index in zip(task.coding.genes.values(), point, strict=True) for part in parts(gene, index)
        ]
        decades = [math.log10(1 + size) for size in sizes]
        features = (*genes, *(size / 4 for size in decades))
        return Known(features, values, sum(limit.violation(values) for limit in task.limits), sum(decades))


def parts(gene: Gene, index: int) -> tuple[float, ...]:
    """Return one number, 0 to 1, of a gene whose neighbours are alike, and one per value of any other.

    Numbers that span a wide range go by their logarithm: from 1 neuron to 2 is as far as from 32 to 64.
    """
    if gene.size == 1:
        return ()
    if not gene.ordered:
        return tuple(float(index == value) for value in range(gene.size))
    first, last, value = gene.value(0), gene.value(gene.size - 1), gene.value(index)
    if (
        all(isinstance(end, int | float) for end in (first, last))
        and min(first, last) > 0
        and max(first, last) >= WIDE * min(first, last)
    ):
        return (math.log(value / first) / math.log(last / first),)
    return (index / (gene.size - 1),)
