# SPDX-License-Identifier: Apache-2.0
"""Foldings of other rates: what a slower design would save, for the report."""

from __future__ import annotations

from math import ceil

from drawplate import Job
from drawplate_dataflow.folding.available import Available
from drawplate_dataflow.folding.clock import Clock
from drawplate_dataflow.folding.decide import Decision
from drawplate_dataflow.folding.goal import Plan
from drawplate_dataflow.folding.optimise import Search
from drawplate_dataflow.folding.options import FoldOptions
from drawplate_dataflow.folding.problem import Problem

STEP = 2**0.5
"""Ratio of the rates of neighbours."""
TABLE = "foldings"
CURVE = "fps by luts"


def record_front(problem: Problem, found: Decision, options: FoldOptions, whole: Available, job: Job) -> None:
    """Record the cheapest foldings of falling rates as a table and a curve, the chosen one first."""
    if found.plan is None:
        return
    plans, interval = [found.plan], float(found.plan.cycles)
    with job.progress("fold: other rates", options.front) as bar:
        search = Search(problem, whole.goal, Clock(options.time_limit))
        for _ in range(options.front):
            interval *= STEP
            slower = search.best(ceil(interval))
            bar.advance(1, f"{ceil(interval):,} cycles")
            if slower is not None and slower.resources.lut < plans[-1].resources.lut:
                plans.append(slower)
    for plan in plans:
        job.row(TABLE, str(plan.cycles), _row(plan, whole))
    for plan in reversed(plans):
        job.track(CURVE, plan.resources.lut, whole.rate(plan.cycles))


def _row(plan: Plan, whole: Available) -> dict[str, float | int | str]:
    taken = zip(whole.labels, plan.resources.vector, strict=True)
    return {
        "cycles": plan.cycles,
        "FPS": round(whole.rate(plan.cycles)),
        **{label.unit: round(value) for label, value in taken},
    }
