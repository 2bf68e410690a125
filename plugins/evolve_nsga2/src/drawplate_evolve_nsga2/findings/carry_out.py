# SPDX-License-Identifier: GPL-3.0-or-later
"""From a task to a front: what ``evolve`` and ``tune`` share."""

from __future__ import annotations

from collections.abc import Callable

from drawplate import Front, Job
from drawplate_evolve_nsga2.findings.importance import report_importance
from drawplate_evolve_nsga2.findings.proxies import report_proxies
from drawplate_evolve_nsga2.findings.result import make_front
from drawplate_evolve_nsga2.search.asynchronous import Asynchronous
from drawplate_evolve_nsga2.search.by_generation import ByGeneration
from drawplate_evolve_nsga2.search.evaluator import Evaluator
from drawplate_evolve_nsga2.task.task import Task


def carry_out(task: Task, search: Callable[[Evaluator], ByGeneration | Asynchronous], repeats: int, job: Job) -> Front:
    """Search, find the front again with other seeds, and choose.

    Args:
        task: what is searched.
        search: makes the search, given who evaluates.
        repeats: seeds of the final front.
        job: of the step.

    Raises:
        DrawplateError: when the baseline fails, or no candidate keeps the constraints.
    """
    with job.pool() as pool:
        evaluator = Evaluator.open(task, job, pool)
        candidates = search(evaluator).run()
        report_proxies(candidates.values(), task, job)
        report_importance(candidates.values(), task, job)
        return make_front(candidates, task, repeats, evaluator, job)
