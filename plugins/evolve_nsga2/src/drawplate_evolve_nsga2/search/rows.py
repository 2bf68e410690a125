# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows and lines that readers of a search see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drawplate import Metric
from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.task.task import Task


def candidate_row(candidate: Candidate, task: Task, *, front: bool = False, chosen: bool = False) -> dict[str, Any]:
    """Return the row of table ``candidates``."""
    return {
        "key": candidate.key,
        "generation": candidate.generation,
        "genome": dict(candidate.genome),
        "status": candidate.status,
        "reason": candidate.reason,
        "rung": candidate.rung,
        "metrics": {name: _metric(metric) for name, metric in candidate.metrics.items()},
        "objectives": [goal.name for goal in task.goals],
        "violation": candidate.violation(task.goals, task.limits),
        "artifact": candidate.artifact.digest if candidate.artifact else None,
        "seconds": candidate.seconds,
        "front": front,
        "chosen": chosen,
        "baseline": candidate.point == task.coding.baseline,
    }


def _metric(metric: Metric) -> dict[str, Any]:
    value = metric.value if metric.finite else None
    return {"value": value, "unit": metric.unit, "source": metric.source.value, "error": metric.error}


def comparison(chosen: Mapping[str, Metric], baseline: Mapping[str, Metric], task: Task) -> str:
    """Say what the chosen candidate is worth beside the baseline."""
    parts = []
    for goal in task.goals:
        if goal.name in chosen and goal.name in baseline:
            metric, before = chosen[goal.name], baseline[goal.name]
            parts.append(
                f"{goal.name} {metric.value:.4g} {metric.unit} (baseline {before.value:.4g})".replace("  ", " ")
            )
    return ", ".join(parts)
