# SPDX-License-Identifier: GPL-3.0-or-later
"""From all candidates to a front: found again with several seeds, and one member chosen."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

import attrs

from drawplate import Artifact, DrawplateError, Front, Job, Metric
from drawplate.artifact import Candidate as Member
from drawplate_evolve_nsga2.candidate.record import Candidate
from drawplate_evolve_nsga2.candidate.trial import values_of
from drawplate_evolve_nsga2.nsga import Point, front
from drawplate_evolve_nsga2.search.evaluator import Evaluator
from drawplate_evolve_nsga2.search.rows import candidate_row, comparison
from drawplate_evolve_nsga2.task.task import Task


def make_front(
    candidates: Mapping[Point, Candidate], task: Task, repeats: int, evaluator: Evaluator, job: Job
) -> Front:
    """Return the feasible candidates that no other dominates.

    Raises:
        DrawplateError: when no candidate keeps the constraints.
    """
    members = _undominated(candidates.values(), task)
    if not members:
        raise DrawplateError(
            f"none of {len(candidates):,} candidates keeps the constraints and could be carried out",
            hint="the table of candidates says why; loosen the constraints, or search longer",
        )
    if repeats > 1:
        candidates = _settled(candidates, task, repeats, evaluator, job)
        members = _undominated(candidates.values(), task)
    baseline = candidates[task.coding.baseline]
    values = [values_of(member.metrics) for member in members]
    chosen = task.choosing.choose(values, task.goals)
    _tell(candidates, members, chosen, task, job)
    said = comparison(members[chosen].metrics, baseline.metrics, task)
    genome = ", ".join(f"{gene} {value}" for gene, value in members[chosen].genome.items())
    job.note(f"chosen of {len(members)}: {genome}; {said}")
    return Front(candidates=tuple(_member(member) for member in members), chosen=chosen)


def _undominated(candidates: Iterable[Candidate], task: Task) -> list[Candidate]:
    by_point = {one.point: one for one in candidates if one.status == "ok" and not one.missing}
    best = front([candidate.individual(task.goals, task.limits) for candidate in by_point.values()])
    return [by_point[one.point] for one in sorted(best, key=lambda one: one.objectives)]


def _settled(
    candidates: Mapping[Point, Candidate], task: Task, repeats: int, evaluator: Evaluator, job: Job
) -> Mapping[Point, Candidate]:
    """Repeat the baseline and the front until nobody is on the front by a single reading.

    A member that was lucky falls back, and frees the way for candidates that it had hidden: they are repeated too.
    """
    settled: set[Point] = set()
    while True:
        members = [candidates[task.coding.baseline], *_undominated(candidates.values(), task)]
        waiting = {one.point: one for one in members if one.point not in settled}
        if not waiting:
            return candidates
        candidates = {**candidates, **_repeated(list(waiting.values()), task, repeats, evaluator, job)}
        settled |= set(waiting)


def _repeated(
    members: Sequence[Candidate], task: Task, repeats: int, evaluator: Evaluator, job: Job
) -> dict[Point, Candidate]:
    """Train and measure again with other seeds; a lucky first reading does not survive that."""
    once = {member.point: member for member in members if member.status == "ok"}
    runs: dict[Point, list[Candidate]] = {point: [member] for point, member in once.items()}
    with job.progress(f"{job.step}: other seeds", len(once) * (repeats - 1)) as bar:
        for seed in range(job.seed + 1, job.seed + repeats):
            places = [task.place(one.point, one.generation, one.heritage) for one in once.values()]
            for candidate in evaluator.evaluate(places, bar, seed):
                runs[candidate.point].append(candidate)
    return {point: middle(done, task) for point, done in runs.items()}


def middle(runs: Sequence[Candidate], task: Task) -> Candidate:
    """Return the run whose first objective is the median, with the median of every metric and half their spread."""
    done = [run for run in runs if run.status == "ok"]
    goal = task.goals[0]
    order = sorted(done, key=lambda run: goal.of(values_of(run.metrics)))
    typical = order[(len(order) - 1) // 2]
    metrics = {name: _median([run.metrics[name] for run in done if name in run.metrics]) for name in typical.metrics}
    return attrs.evolve(runs[0], metrics=metrics, artifact=typical.artifact)


def _median(metrics: Sequence[Metric]) -> Metric:
    values = [metric.value for metric in metrics]
    if len(set(values)) == 1:
        return metrics[0]
    note = "; ".join(filter(None, (metrics[0].note, f"median of {len(values)} seeds")))
    half = (max(values) - min(values)) / 2
    return attrs.evolve(metrics[0], value=statistics.median(values), error=half, note=note)


def _tell(
    candidates: Mapping[Point, Candidate], members: Sequence[Candidate], chosen: int, task: Task, job: Job
) -> None:
    points = [member.point for member in members]
    for point, candidate in candidates.items():
        on_front = point in points
        picked = on_front and points.index(point) == chosen
        job.row("candidates", candidate.key, candidate_row(candidate, task, front=on_front, chosen=picked))


def _member(candidate: Candidate) -> Member:
    artifact = candidate.artifact
    assert isinstance(artifact, Artifact)
    metrics = tuple(attrs.evolve(metric, name=name) for name, metric in candidate.metrics.items())
    return Member(artifact=artifact, metrics=metrics, genome=candidate.genome)
