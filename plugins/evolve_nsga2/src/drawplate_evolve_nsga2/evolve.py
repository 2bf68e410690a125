# SPDX-License-Identifier: GPL-3.0-or-later
"""Step ``evolve``: NSGA-II over students, bits, foldings and options, against any target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate import Artifact, Card, Form, Front, Job, Preview, Verb, hookimpl
from drawplate_evolve_nsga2.candidate.substeps import used_steps
from drawplate_evolve_nsga2.options import EvolveOptions

if TYPE_CHECKING:
    from drawplate_evolve_nsga2.search.asynchronous import Asynchronous
    from drawplate_evolve_nsga2.search.by_generation import ByGeneration
    from drawplate_evolve_nsga2.search.evaluator import Evaluator


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="NSGA-II over students, bits, foldings and options of steps",
        options={Verb.COMPRESS: EvolveOptions},
        accepts={Form.FLOAT, Form.QONNX, Form.DATAFLOW},
        keeps_io=False,
        open_form=True,
        passes_teachers=True,
        runs=lambda options: used_steps(options.candidate),
        consults={"search_spaces": _spaces},
    )


@hookimpl
def preview(model: Artifact, teachers: tuple[Artifact, ...], options: EvolveOptions, job: Job) -> Preview:
    """Check spaces, genes, steps, metrics and the baseline candidate."""
    from drawplate_evolve_nsga2.task.plan import plan_notes
    from drawplate_evolve_nsga2.task.start import read_start
    from drawplate_evolve_nsga2.task.task import read_task

    task = read_task(model, teachers, options, _spaces(options), job)
    given = len(read_start(options.start, task.coding, options.population)) - 1
    estimate = task.preview(job)
    forecasts = options.surrogate and options.schedule == "asynchronous"
    tried = f"NSGA-II: {options.generations} generations of {options.population} candidates"
    tried += f", of which {given} are given" * bool(given)
    return Preview(
        model=estimate.models.get(task.result) if task.steps else model,
        notes=(tried, *plan_notes(task, estimate, forecasts=forecasts)),
        chooses=task.chosen_options,
    )


@hookimpl
def compress(model: Artifact, teachers: tuple[Artifact, ...], options: EvolveOptions, job: Job) -> Front:
    """Search, and return the front."""
    from drawplate_evolve_nsga2.findings.carry_out import carry_out
    from drawplate_evolve_nsga2.search.asynchronous import Asynchronous
    from drawplate_evolve_nsga2.search.by_generation import ByGeneration
    from drawplate_evolve_nsga2.search.preselection import Preselection
    from drawplate_evolve_nsga2.search.strategy import Generations
    from drawplate_evolve_nsga2.task.start import read_start
    from drawplate_evolve_nsga2.task.task import read_task

    task = read_task(model, teachers, options, _spaces(options), job)
    first = read_start(options.start, task.coding, options.population)
    strategy = Generations.of(task.coding, options.population, options.generations, job.seed, first)
    inherit = options.inherit == "nearest"

    def search(evaluator: Evaluator) -> ByGeneration | Asynchronous:
        if options.schedule == "generations":
            return ByGeneration(task=task, strategy=strategy, inherit=inherit, job=job, evaluator=evaluator)
        chooses = Preselection.of(task, job) if options.surrogate else None
        return Asynchronous(
            task=task,
            strategy=strategy,
            inherit=inherit,
            job=job,
            evaluator=evaluator,
            ahead=options.ahead,
            preselection=chooses,
        )

    return carry_out(task, search, options.repeats, job)


def _spaces(options: EvolveOptions) -> tuple[str, ...]:
    return (options.space,) if isinstance(options.space, str) else options.space
