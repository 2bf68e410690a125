# SPDX-License-Identifier: GPL-3.0-or-later
"""Step ``tune``: the options of any steps, over a grid, a halved sample or by NSGA-II."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drawplate import Artifact, Card, FlowError, Form, Front, Job, Preview, Verb, hookimpl
from drawplate_evolve_nsga2.candidate.substeps import used_steps
from drawplate_evolve_nsga2.options import TuneOptions

if TYPE_CHECKING:
    from drawplate_evolve_nsga2.search.evaluator import Evaluator
    from drawplate_evolve_nsga2.search.strategy import Strategy
    from drawplate_evolve_nsga2.task.task import Task

MAX_GRID = 100_000


@hookimpl
def card() -> Card:
    """Describe the step."""
    return Card(
        summary="options of any steps, over a grid, a halved sample or by NSGA-II",
        options={Verb.COMPRESS: TuneOptions},
        accepts={Form.FLOAT, Form.QONNX, Form.DATAFLOW},
        keeps_io=False,
        open_form=True,
        passes_teachers=True,
        runs=lambda options: used_steps(options.candidate),
        consults={"search_spaces": lambda _options: ()},
    )


@hookimpl
def preview(model: Artifact, teachers: tuple[Artifact, ...], options: TuneOptions, job: Job) -> Preview:
    """Check genes, steps, metrics and the baseline candidate."""
    from drawplate_evolve_nsga2.task.plan import plan_notes
    from drawplate_evolve_nsga2.task.task import read_task

    task = read_task(model, teachers, options, (), job)
    estimate = task.preview(job)
    tried = f"{options.method}: {_strategy(task, options, job).total:,} candidates"
    return Preview(
        model=estimate.models.get(task.result) if task.steps else model,
        notes=(tried, *plan_notes(task, estimate)),
        chooses=task.chosen_options,
    )


@hookimpl
def compress(model: Artifact, teachers: tuple[Artifact, ...], options: TuneOptions, job: Job) -> Front:
    """Try, and return the front."""
    from drawplate_evolve_nsga2.findings.carry_out import carry_out
    from drawplate_evolve_nsga2.search.by_generation import ByGeneration
    from drawplate_evolve_nsga2.task.task import read_task

    task = read_task(model, teachers, options, (), job)
    strategy = _strategy(task, options, job)

    def search(evaluator: Evaluator) -> ByGeneration:
        return ByGeneration(task=task, strategy=strategy, inherit=False, job=job, evaluator=evaluator)

    return carry_out(task, search, options.repeats, job)


def _strategy(task: Task, options: TuneOptions, job: Job) -> Strategy:
    from drawplate_evolve_nsga2.search.strategy import Generations, Listed

    if options.method == "nsga2":
        return Generations.of(task.coding, options.population, options.generations, job.seed)
    if options.method == "halving":
        if not options.rungs:
            raise FlowError("halves nothing without rungs", where="option 'method'", hint="set rungs = [0.25, 0.5]")
        return Listed.sample(task.coding, options.samples, job.seed)
    if task.coding.size > MAX_GRID:
        raise FlowError(
            f"the grid has {task.coding.size:,} points",
            where="option 'method'",
            allowed=f"at most {MAX_GRID:,}",
            hint='method = "nsga2"',
        )
    return Listed.grid(task.coding)
