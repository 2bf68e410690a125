# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of every candidate that was tried."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from drawplate import Artifact, DrawplateError, Metric
from drawplate.search import Genome
from drawplate.store import Store
from drawplate.store.atomic import write_bytes
from drawplate.store.records import converter
from drawplate.store.sealed import append_line, line_of, read_lines
from drawplate_evolve_nsga2.candidate.trial import Verdict, values_of
from drawplate_evolve_nsga2.nsga import Individual, Point
from drawplate_evolve_nsga2.wanted.goals import FAILED, Goal, Limit

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
    """Name of the evaluation whose weights it started from."""

    @property
    def place(self) -> Place:
        """What was known of it before it was tried."""
        return Place(
            key=self.key, point=self.point, genome=self.genome, generation=self.generation, heritage=self.heritage
        )

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
    store: Store

    def write(self, name: str, candidate: Candidate) -> None:
        """Append one."""
        append_line(self.path, {"name": name, "candidate": converter(self.store).unstructure(candidate)})

    def read(self) -> dict[str, Candidate]:
        """Return all by name; lines that a kill cut off, and models that are gone or damaged, count as not there."""
        known = {
            line["name"]: converter(self.store).structure(line["candidate"], Candidate)
            for line in read_lines(self.path)
        }
        return {name: candidate for name, candidate in known.items() if self._there(candidate)}

    def forget_failures(self) -> None:
        """Let a later run try again what failed: a device may be back by then."""
        kept = [line_of(line) for line in read_lines(self.path) if line["candidate"]["status"] != "failed"]
        write_bytes(self.path, "".join(kept).encode())

    def _there(self, candidate: Candidate) -> bool:
        return candidate.artifact is None or self.store.has_model(candidate.artifact.digest)
