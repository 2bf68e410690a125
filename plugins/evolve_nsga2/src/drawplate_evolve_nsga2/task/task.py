# SPDX-License-Identifier: GPL-3.0-or-later
"""A search as its options describe it, read and checked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen

from drawplate import Artifact, DrawplateError, FlowError, Job
from drawplate.errors import nearest
from drawplate.prune import inherited
from drawplate.search import Expression
from drawplate_evolve_nsga2.candidate.estimate import Estimate, previewed
from drawplate_evolve_nsga2.candidate.genome import Coding, genome_key
from drawplate_evolve_nsga2.candidate.record import Place
from drawplate_evolve_nsga2.candidate.substeps import SubStep, find_step, read_substeps, with_options
from drawplate_evolve_nsga2.candidate.trial import Trial
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.options import SearchOptions
from drawplate_evolve_nsga2.task.spaces import open_spaces
from drawplate_evolve_nsga2.wanted.choose import Choosing, read_choice
from drawplate_evolve_nsga2.wanted.goals import Goal, Limit, known_metrics, read_goals, read_limits

PROMOTING = 1000
"""Validation images that decide whether a candidate is trained on: an error of 10 % is known to within 1."""


@frozen(kw_only=True)
class Task:
    """What is searched, starting from which model, and what is wanted."""

    model: Artifact
    teachers: tuple[Artifact, ...]
    steps: tuple[SubStep, ...]
    coding: Coding
    goals: tuple[Goal, ...]
    limits: tuple[Limit, ...]
    choosing: Choosing
    result: str
    seed: int
    rungs: tuple[float, ...] = ()
    """Parts of the epochs, the last one 1; empty where all candidates are trained to the end at once."""
    keep: float = 0.5

    def place(self, point: Point, generation: int, heritage: str = "") -> Place:
        """Name the candidate of a point."""
        genome = self.coding.genome(point)
        return Place(key=genome_key(genome), point=point, genome=genome, generation=generation, heritage=heritage)

    def trial(
        self,
        place: Place,
        job: Job,
        seed: int | None = None,
        source: Artifact | None = None,
        rung: int | None = None,
    ) -> Trial:
        """Build the candidate's model and its steps.

        Args:
            place: who is asked for.
            job: makes and keeps models.
            seed: other than the search's, for repeats.
            source: whose weights it starts from, as far as shapes allow.
            rung: up to where it is trained; to the end where left out.

        Raises:
            DrawplateError: when the model cannot be built.
        """
        made: Expression = self.coding.space.express(place.genome, self.model, job)
        model = made.model
        if source is not None:
            model = job.save(inherited(model.proto(), source.proto()), model.form, parents=[model, source])
        return Trial(
            key=place.key,
            model=model,
            teachers=self.teachers,
            steps=with_options(self.steps, made.options, job.card),
            limits=self.limits,
            seed=self.seed if seed is None else seed,
            result=self.result,
            wanted=frozenset(self.wanted),
            rungs=self.rungs[: None if rung is None else rung + 1],
            images=PROMOTING if rung is not None and rung < self.top else None,
        )

    @property
    def top(self) -> int:
        """Number of the rung at which candidates are trained to the end; 0 where there are no others."""
        return max(0, len(self.rungs) - 1)

    @property
    def epochs_left(self) -> tuple[float, ...]:
        """By rung: 0 where training has ended, 1 at the first; between them as the logarithm of the epochs goes."""
        if not self.top:
            return (0.0,)
        return tuple(math.log(rung) / math.log(self.rungs[0]) for rung in self.rungs)

    @property
    def wanted(self) -> set[str]:
        """Names of all metrics that are asked for."""
        return {*(goal.name for goal in self.goals), *(limit.name for limit in self.limits), *self.choosing.names}

    @property
    def chosen_options(self) -> dict[str, object]:
        """Genes that are options of a candidate's steps, with the baseline's values."""
        names = {name for step in self.steps for name in (step.name, step.use)}
        genome = self.coding.genome(self.coding.baseline)
        return {gene: value for gene, value in genome.items() if gene.rpartition(".")[0] in names}

    def preview(self, job: Job) -> Estimate:
        """Ask the steps of the baseline candidate what they would do.

        Raises:
            DrawplateError: when one of them cannot do it.
        """
        trial = self.trial(self.place(self.coding.baseline, 0), job)
        return previewed(trial.model, trial.teachers, trial.steps, trial.seed, job)


def read_task(
    model: Artifact, teachers: Sequence[Artifact], options: SearchOptions, spaces: Sequence[str], job: Job
) -> Task:
    """Read and check everything that can be wrong in a search.

    Raises:
        DrawplateError: the first thing that is wrong, and where.
    """
    steps = read_substeps(options.candidate, job)
    known = known_metrics(model, {step.name: job.card(step.use) for step in steps if step.measures}, job)
    goals, limits = read_goals(options.objectives, known), read_limits(options.constraints)
    known.check([limit.name for limit in limits], "constraints")
    choosing = read_choice(options.choose)
    known.check(choosing.names, "option 'choose'")
    names = [step.name for step in steps]
    result = options.result if options.result is not None else (names or [""])[-1]
    if names and result not in names:
        raise FlowError(f"is {result!r}", where="option 'result'", allowed=names, meant=nearest(result, names))
    coding = open_spaces(spaces, options.genes, steps, model, job)
    if coding.size < 2:
        raise FlowError("has nothing to choose among", hint="name a space, or genes with several values")
    task = Task(
        model=model,
        teachers=tuple(teachers),
        steps=steps,
        coding=coding,
        goals=goals,
        limits=limits,
        choosing=choosing,
        result=result,
        seed=job.seed,
        rungs=_rungs(options, steps),
        keep=options.keep,
    )
    _check_reach(task, job)
    return task


def _rungs(options: SearchOptions, steps: Sequence[SubStep]) -> tuple[float, ...]:
    """Return the rungs, with the end as the last; none where all are trained at once.

    Raises:
        FlowError: when they do not rise, or it is not clear whose epochs they divide.
    """
    trained = [step for step in steps if step.trains and step.epochs]
    given = options.usual_rungs(trained[0].epochs or 0 if len(trained) == 1 else 0)
    if options.rungs is not None:
        given = options.rungs
    if given and len(trained) != 1:
        raise FlowError(
            f"{len(trained)} steps of a candidate have epochs", where="option 'rungs'", allowed="one step that trains"
        )
    if list(given) != sorted(set(given)):
        raise FlowError(f"is {list(given)}", where="option 'rungs'", allowed="rising parts of the epochs")
    return (*given, 1.0) if given else ()


def _check_reach(task: Task, job: Job) -> None:
    """A space may set options of steps that the candidate does not have: say so now."""
    try:
        made = task.coding.space.express(task.coding.genome(task.coding.baseline), task.model, job)
        for name in made.options:
            find_step(task.steps, name, "the search space sets its options")
    except DrawplateError as error:
        raise error.at("baseline candidate") from error
