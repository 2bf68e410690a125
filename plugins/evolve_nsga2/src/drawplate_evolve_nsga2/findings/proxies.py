# SPDX-License-Identifier: GPL-3.0-or-later
"""How well what is known early would have ordered the candidates.

Proxies decide nothing here; their rank correlation with the final error tells whether they could.
"""

from __future__ import annotations

from collections.abc import Iterable

from drawplate import Job
from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.candidate.synflow import SYNFLOW
from drawplate_evolve_nsga2.candidate.trial import EARLY, values_of
from drawplate_evolve_nsga2.search.rank import spearman
from drawplate_evolve_nsga2.task.task import Task
from drawplate_evolve_nsga2.wanted.goals import MEASURES

PROXIES = ("params", "macs", SYNFLOW, EARLY)
FEWEST = 4


def report_proxies(candidates: Iterable[Candidate], task: Task, job: Job) -> None:
    """Record Spearman's correlation of each proxy with the task's metric, over candidates trained to the end."""
    done = [values_of(one.metrics) for one in candidates if one.status == "ok" and not one.missing]
    judged = next((goal.name for goal in task.goals if goal.name in MEASURES), None)
    for proxy in PROXIES if judged else ():
        pairs = [(values[proxy], values[judged]) for values in done if proxy in values and judged in values]
        if len(pairs) >= FEWEST:
            found = spearman(*zip(*pairs, strict=True))
            job.row("proxies", proxy, {"proxy": proxy, "spearman": found, "candidates": len(pairs)})
