# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says of a search."""

from __future__ import annotations

import itertools

from drawplate.search import Gene, Integer
from drawplate_evolve_nsga2.candidate.estimate import Estimate
from drawplate_evolve_nsga2.candidate.trial import stage_epochs, values_of
from drawplate_evolve_nsga2.task.task import Task
from drawplate_evolve_nsga2.wanted.goals import COUNTED, MEASURES


def plan_notes(task: Task, estimate: Estimate, *, forecasts: bool = False) -> tuple[str, ...]:
    """Say what may vary, where it starts, and which limits are checked before anything is trained.

    Args:
        task: the search.
        estimate: what is known of the baseline.
        forecasts: whether they tell who is trained on.
    """
    coding = task.coding
    lines = [f"{coding.size:,} genomes of {len(coding.genes)} genes"]
    lines += [f"{name}: {_range(gene)}" for name, gene in coding.genes.items()]
    start = coding.genome(coding.baseline)
    lines.append("baseline: " + ", ".join(f"{name} = {value}" for name, value in start.items()))
    lines += _rungs(task, forecasts=forecasts)
    values = values_of(estimate.metrics)
    for limit in task.limits:
        if limit.name in values:
            kept = "kept" if not limit.violation(values) else "broken"
            lines.append(f"{limit}: checked before training; the baseline has {values[limit.name]:g}, {kept}")
        elif limit.name in {*COUNTED, *MEASURES} or task.steps:
            lines.append(f"{limit}: known only after a candidate has run")
    return (*lines, *(f"baseline, {note}" for note in estimate.notes))


def _rungs(task: Task, *, forecasts: bool) -> list[str]:
    epochs = next((step.epochs for step in task.steps if step.trains and step.epochs), None)
    if not task.rungs or epochs is None:
        return []
    *pauses, end = itertools.accumulate(stage_epochs(epochs, task.rungs))
    after = ", ".join(map(str, pauses))
    said = f"{task.keep:.0%} of them, the better, are trained on"
    if forecasts:
        said = "those that, as forecast, may be on the front are trained on"
    return [f"candidates pause after {after} of {end} epochs; {said}"]


def _range(gene: Gene) -> str:
    if isinstance(gene, Integer):
        return f"{gene.lo}..{gene.value(gene.size - 1)}" + (f" by {gene.step}" if gene.step > 1 else "")
    return ", ".join(str(gene.value(i)) for i in range(gene.size))
