# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a candidate before it is trained: its genes, its sizes, and the objectives that are counted."""

from __future__ import annotations

import math
from collections.abc import Mapping

import attrs
from attrs import define, field, frozen

from drawplate import DrawplateError, Job
from drawplate.processes import scratch
from drawplate.store import Store
from drawplate_evolve_nsga2.candidate.estimate import counted, previewed
from drawplate_evolve_nsga2.candidate.trial import values_of
from drawplate_evolve_nsga2.nsga import Axis, Point
from drawplate_evolve_nsga2.task.task import Task
from drawplate_evolve_nsga2.wanted.goals import COUNTED, MEASURES


@frozen
class Known:
    """Of one point."""

    features: tuple[float, ...]
    values: Mapping[str, float]
    """Metrics that counting and previews tell exactly, by name."""
    violation: float
    """By how much they miss the limits."""


@define
class Features:
    """Finds out what is known of points, each once; models of candidates that may never be tried are not kept."""

    task: Task
    job: Job
    _known: dict[Point, Known | None] = field(factory=dict)

    def of(self, point: Point) -> Known | None:
        """Return what is known; None where the candidate cannot be built."""
        if point not in self._known:
            try:
                self._known[point] = self._look(point)
            except DrawplateError:
                self._known[point] = None
        return self._known[point]

    def _look(self, point: Point) -> Known:
        task = self.task
        with scratch() as folder:
            job = attrs.evolve(self.job, store=Store(folder))
            trial = task.trial(task.place(point, 0), job)
            exact = {*COUNTED, *MEASURES}
            if {goal.name for goal in task.goals} <= exact and {limit.name for limit in task.limits} <= exact:
                values = values_of(counted(trial.model))
            else:
                values = values_of(previewed(trial.model, trial.teachers, trial.steps, trial.seed, job).metrics)
            sizes = [values[name] for name in COUNTED if name in values]
        genes = [part for axis, index in zip(task.coding.axes, point, strict=True) for part in _parts(axis, index)]
        features = (*genes, *(math.log10(1 + size) / 4 for size in sizes))
        return Known(features, values, sum(limit.violation(values) for limit in task.limits))


def _parts(axis: Axis, index: int) -> tuple[float, ...]:
    """One number of a gene whose neighbours are alike, one per value of any other."""
    if axis.size == 1:
        return ()
    if axis.ordered:
        return (index / (axis.size - 1),)
    return tuple(float(index == value) for value in range(axis.size))
