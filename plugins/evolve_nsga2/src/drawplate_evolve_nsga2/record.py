# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of every candidate that was tried."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from drawplate import Artifact, DrawplateError, Job, Metric
from drawplate.search import Genome
from drawplate.store.atomic import write_bytes
from drawplate.store.records import artifact_record, metric_record, read_metric
from drawplate.store.sealed import append_line, line_of, read_lines
from drawplate_evolve_nsga2.goals import FAILED, Goal, Limit
from drawplate_evolve_nsga2.nsga import Individual, Point
from drawplate_evolve_nsga2.trial import Verdict, values_of

UNFINISHED: Final = 1e-9
"""Violation per rung that was not reached: any candidate that was trained to the end is better."""


@frozen(kw_only=True)
class Candidate:
    """One evaluated candidate."""

    key: str
    point: Point
    genome: Genome
    generation: int
    status: str
    """``ok``, ``rejected`` by a limit before training, or ``failed``."""
    reason: str = ""
    metrics: Mapping[str, Metric] = field(factory=dict)
    artifact: Artifact | None = None
    seconds: float = 0.0
    rung: int = 0
    """How many rungs it passed."""
    missing: int = 0
    """How many rungs it did not reach; 0 for one that was trained to the end."""
    heritage: str = ""
    """Key of the candidate whose weights it started from."""

    def violation(self, goals: tuple[Goal, ...], limits: tuple[Limit, ...]) -> float:
        """By how much limits are missed; a diverged candidate, whose objective is no number, misses all."""
        values = values_of(self.metrics)
        lost = any(not math.isfinite(values.get(goal.name, math.nan)) for goal in goals)
        if self.status == "failed" or (self.status == "ok" and lost):
            return FAILED
        return sum(limit.violation(values) for limit in limits) + UNFINISHED * self.missing

    def individual(self, goals: tuple[Goal, ...], limits: tuple[Limit, ...]) -> Individual:
        """Return what the search sees of it."""
        values = values_of(self.metrics)
        return Individual(self.point, tuple(goal.of(values) for goal in goals), self.violation(goals, limits))


@frozen(kw_only=True)
class Place:
    """Who is asked for: all of a candidate that is known before it is tried."""

    key: str
    point: Point
    genome: Genome
    generation: int
    heritage: str = ""

    def tried(self, answer: Verdict | DrawplateError, rung: int, missing: int) -> Candidate:
        """Return the candidate that came of it."""
        about: dict[str, Any] = {
            "key": self.key,
            "point": self.point,
            "genome": self.genome,
            "generation": self.generation,
            "heritage": self.heritage,
            "rung": rung,
            "missing": missing,
        }
        if isinstance(answer, DrawplateError):
            return Candidate(**about, status="failed", reason=answer.message)
        return Candidate(
            **about,
            status=answer.status,
            reason=answer.reason,
            metrics=answer.metrics,
            artifact=answer.artifact,
            seconds=round(answer.seconds, 3),
        )


@frozen
class Ledger:
    """An append-only file of evaluations: what a killed search does not evaluate again."""

    path: Path
    job: Job

    def write(self, name: str, candidate: Candidate) -> None:
        """Append one."""
        entry = {
            "name": name,
            "key": candidate.key,
            "point": list(candidate.point),
            "genome": dict(candidate.genome),
            "generation": candidate.generation,
            "status": candidate.status,
            "reason": candidate.reason,
            "metrics": {name: metric_record(metric) for name, metric in candidate.metrics.items()},
            "artifact": artifact_record(candidate.artifact) if candidate.artifact else None,
            "seconds": candidate.seconds,
            "rung": candidate.rung,
            "missing": candidate.missing,
            "heritage": candidate.heritage,
        }
        append_line(self.path, entry)

    def read(self) -> dict[str, Candidate]:
        """Return all by name; lines that a kill cut off, and models that are gone or damaged, count as not there."""
        return {entry["name"]: self._candidate(entry) for entry in read_lines(self.path) if self._there(entry)}

    def forget_failures(self) -> None:
        """Let a later run try again what failed: a device may be back by then."""
        kept = [line_of(entry) for entry in read_lines(self.path) if entry["status"] != "failed"]
        write_bytes(self.path, "".join(kept).encode())

    def _there(self, entry: Mapping[str, Any]) -> bool:
        return entry["artifact"] is None or self.job.has(entry["artifact"]["digest"])

    def _candidate(self, entry: Mapping[str, Any]) -> Candidate:
        return Candidate(
            key=entry["key"],
            point=tuple(entry["point"]),
            genome=entry["genome"],
            generation=entry["generation"],
            status=entry["status"],
            reason=entry["reason"],
            metrics={name: read_metric(metric) for name, metric in entry["metrics"].items()},
            artifact=self.job.artifact(entry["artifact"]) if entry["artifact"] else None,
            seconds=entry["seconds"],
            rung=entry["rung"],
            missing=entry["missing"],
            heritage=entry["heritage"],
        )
