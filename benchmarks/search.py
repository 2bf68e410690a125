# SPDX-License-Identifier: GPL-3.0-or-later
"""Step ``evolve`` against Platypus used plainly.

    python benchmarks/search.py overhead                # what the search itself takes per candidate, without training
    python benchmarks/search.py                         # time to equal hypervolume on digits: a quarter of an hour
    DRAWPLATE_DATA=... python benchmarks/search.py fashion-mnist    # on 2,000 images of Fashion-MNIST: half an hour

The baseline is Platypus' NSGA-II as its documentation shows it: its default population of 100, integers in Gray code,
its default operators, every candidate trained to the end, one process, nothing kept.  Both search one space (layers,
channels and neurons of a FlexStudent) for validation error and multiply-accumulates.  ``evolve`` trains candidates for
a part of the epochs, halves them at a rung, spreads them over two workers, never tries one twice, and trains its front
for the rest of the epochs, as ``for_each = "front"`` does, in the time that is counted.  Hypervolumes are those of
fronts trained to the end with one seed.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from drawplate.artifact import Artifact
from drawplate.card import Verb
from drawplate.count import count_macs
from drawplate.flow.run import run_request
from drawplate.job import Request
from drawplate.outcome import Outcome
from drawplate.plugins import contributions
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model
from drawplate_evolve_nsga2.candidate.trial import validated
from drawplate_evolve_nsga2.nsga import hypervolume

GENES = {"conv_layers": (1, 3), "fc_layers": (1, 3), "channels": (1, 16), "neurons": (1, 64)}
FIT = {"lr": 4e-3, "batch": 64}


@frozen(kw_only=True)
class Case:
    """What both search for: on which data, for how long."""

    data: Mapping[str, Any]
    shape: tuple[int, int, int]
    epochs: int
    """Of a training to the end."""
    part: int
    """Epochs of a candidate of ``evolve``."""
    population: int
    """Of ``evolve``."""
    generations: tuple[int, ...]
    """Lengths of the searches with ``evolve`` that are compared."""
    evaluations: int
    """After which the plain search is given up."""
    reference: tuple[float, float]
    """Error in percent and multiply-accumulates."""

    @property
    def scale(self) -> float:
        """Hypervolume of a perfect point that costs nothing."""
        return self.reference[0] * self.reference[1]

    def student(self, runner: Any) -> Artifact:
        """Put the model that the search starts from into the store."""
        options = {"channels": [8], "neurons": 32}
        proto = build_model("flexstudent", options, shape=self.shape, classes=10, seed=0)
        model: Artifact = runner.session.store.put_model(proto)
        return model

    def training(self, model: Artifact, epochs: int) -> Request:
        """Ask for a model to be trained."""
        return Request(step="fit", subject=model, options={**FIT, "epochs": epochs}, verbs=(Verb.TRAIN,))


CASES = {
    "digits": Case(
        data={"name": "digits"},
        shape=(1, 8, 8),
        epochs=24,
        part=6,
        population=12,
        generations=(12, 48),
        evaluations=600,
        reference=(50.0, 400_000.0),
    ),
    "fashion-mnist": Case(
        data={"name": "fashion-mnist", "limit": 2_000, "val": 2_000},
        shape=(1, 28, 28),
        epochs=20,
        part=4,
        population=12,
        generations=(4, 8),
        evaluations=150,
        reference=(50.0, 4_000_000.0),
    ),
}


def worth(job: Any, outcome: Outcome) -> tuple[float, float]:
    """Return validation error and multiply-accumulates of a trained model."""
    return validated(outcome.artifact, job)["error"].value, float(count_macs(outcome.artifact.proto()))


def plain(case: Case, folder: Path, report: Callable[[float, float], None]) -> None:
    """Search with Platypus alone; every evaluation is computed anew."""
    import platypus

    runner = make_runner(folder, data=case.data)
    job = make_job(folder, runner=runner)
    model = case.student(runner)
    space = contributions("search_spaces")["flexstudent"].open(model, job)
    found: list[tuple[float, float]] = []
    started = time.perf_counter()

    def evaluate(values: list[int]) -> list[float]:
        made = space.express(dict(zip(GENES, values, strict=True)), model, job).model
        with tempfile.TemporaryDirectory() as other:  # nothing is kept
            fresh = make_runner(Path(other), data=case.data)
            fresh._dataset = runner.dataset()  # noqa: SLF001 - read once
            objectives = worth(job, fresh.run(case.training(made, case.epochs)))
        found.append(objectives)
        report(time.perf_counter() - started, hypervolume(found, case.reference))
        return list(objectives)

    problem = platypus.Problem(len(GENES), 2, function=evaluate)
    problem.types[:] = [platypus.Integer(low, high) for low, high in GENES.values()]
    random.seed(0)
    platypus.NSGAII(problem).run(case.evaluations)


def searched(case: Case, folder: Path, generations: int) -> tuple[float, float]:
    """Search with ``evolve`` and train its front to the end; return seconds and hypervolume."""
    runner = make_runner(folder, data=case.data, workers=2)
    model = case.student(runner)
    started = time.perf_counter()
    outcome: Outcome = runner.run(
        Request(
            step="evolve",
            subject=model,
            options={
                "space": "flexstudent",
                "population": case.population,
                "generations": generations,
                "rungs": [0.5],
                "candidate": [{"use": "fit", **FIT, "epochs": case.part}],
                "genes": {name: {"lo": low, "hi": high} for name, (low, high) in GENES.items()},
                "objectives": {"error": "min", "macs": "min"},
            },
        )
    )
    tried = time.perf_counter() - started
    job = make_job(folder, runner=runner)
    members = [case.training(member.artifact, case.epochs - case.part) for member in outcome.front]
    ends = []
    for found in job.map(run_request, members):
        assert isinstance(found, Outcome), found
        ends.append(worth(job, found))
    seconds = time.perf_counter() - started
    count = len(outcome.tables["candidates"])
    print(f"  {count} candidates in {tried:.0f} s, front of {len(members)} in {seconds - tried:.0f} s", flush=True)
    return seconds, hypervolume(ends, case.reference)


def compare(case: Case) -> None:
    """Search with ``evolve`` for some lengths, then plainly, and say when that found as much."""
    with tempfile.TemporaryDirectory() as folder:
        ours = []
        for generations in case.generations:
            seconds, volume = searched(case, Path(folder) / f"evolve{generations}", generations)
            print(f"evolve, {generations} generations: {volume / case.scale:.4f} in {seconds:.0f} s", flush=True)
            ours.append((generations, seconds, volume))
        reached: list[tuple[float, float]] = []

        def report(seconds: float, volume: float) -> None:
            reached.append((seconds, volume))
            if len(reached) % 10 == 0:
                print(f"  plain, {len(reached)}: {volume / case.scale:.4f} in {seconds:.0f} s", flush=True)

        plain(case, Path(folder) / "plain", report)
        end, volume = reached[-1]
        print(f"plain Platypus, {len(reached)} candidates: {volume / case.scale:.4f} in {end:.0f} s")
        for generations, spent, goal in ours:
            after = next((seconds for seconds, volume in reached if volume >= goal), None)
            said = f"{after:.0f} s, {after / spent:.1f}" if after else f"over {end:.0f} s, over {end / spent:.1f}"
            print(f"as much as evolve in {generations} generations: plain takes {said} times")


def overhead() -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = CASES["digits"]
        runner = make_runner(Path(folder), data=case.data)
        model = case.student(runner)
        options = {
            "space": "flexstudent",
            "population": 20,
            "generations": 20,
            "genes": {name: {"lo": low, "hi": high} for name, (low, high) in GENES.items()},
            "objectives": {"params": "min", "macs": "max"},
        }
        wall, cpu = time.perf_counter(), time.process_time()
        outcome = runner.run(Request(step="evolve", subject=model, options=options))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        count = len(outcome.tables["candidates"])
        print(f"{count} candidates: {1e3 * wall / count:.1f} ms each ({1e3 * cpu / count:.1f} ms of CPU)")


if __name__ == "__main__":
    wanted = sys.argv[1] if sys.argv[1:] else "digits"
    overhead() if wanted == "overhead" else compare(CASES[wanted])
