# SPDX-License-Identifier: GPL-3.0-or-later
"""Step ``evolve`` against Platypus used plainly, on scikit-learn's digits.

    python benchmarks/search.py overhead    # what the search itself takes per candidate, without training
    python benchmarks/search.py             # time to equal hypervolume

The baseline is Platypus' NSGA-II as its documentation shows it: integers in Gray code, its default operators, every
candidate trained to the end, one process, nothing kept.  Both search one space (layers, channels and neurons of a
FlexStudent) for validation error and multiply-accumulates.  ``evolve`` trains candidates for a quarter of the epochs,
halves them at a rung, spreads them over two workers, never tries one twice, and trains its front for the rest of the
epochs, as ``for_each = "front"`` does, in the time that is counted.  Hypervolumes are those of fronts trained to the
end with one seed.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from drawplate.artifact import Artifact
from drawplate.card import Verb
from drawplate.count import count_macs
from drawplate.flow.run import run_request
from drawplate.job import Outcome, Request
from drawplate.plugins import contributions
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model
from drawplate_evolve_nsga2.nsga import hypervolume
from drawplate_evolve_nsga2.trial import validation_error

DATA = {"name": "digits"}
EPOCHS = 24
POPULATION, GENERATIONS = 12, 6
GENES = {"conv_layers": (1, 3), "fc_layers": (1, 3), "channels": (1, 16), "neurons": (1, 64)}
REFERENCE = (50.0, 400_000.0)
"""Error in percent and multiply-accumulates."""
FIT = {"epochs": EPOCHS, "lr": 4e-3, "batch": 64}


def student(runner: Any) -> Artifact:
    """Put the model that the search starts from into the store."""
    proto = build_model("flexstudent", {"channels": [8], "neurons": 32}, shape=(1, 8, 8), classes=10, seed=0)
    model: Artifact = runner.session.store.put_model(proto)
    return model


def training(model: Artifact, epochs: int = EPOCHS) -> Request:
    """Ask for a model to be trained."""
    return Request(step="fit", subject=model, options={**FIT, "epochs": epochs}, verbs=(Verb.TRAIN,))


def worth(job: Any, outcome: Outcome) -> tuple[float, float]:
    """Return validation error and multiply-accumulates of a trained model."""
    return validation_error(outcome.artifact, job).value, float(count_macs(outcome.artifact.proto()))


def plain(folder: Path, report: Callable[[float, float], None]) -> float:
    """Search with Platypus alone; every evaluation is computed anew."""
    import platypus

    runner = make_runner(folder, data=DATA)
    job = make_job(folder, runner=runner)
    model = student(runner)
    space = contributions("search_spaces")["flexstudent"].open(model, job)
    found: list[tuple[float, float]] = []
    started = time.perf_counter()

    def evaluate(values: list[int]) -> list[float]:
        made = space.express(dict(zip(GENES, values, strict=True)), model, job).model
        with tempfile.TemporaryDirectory() as other:  # nothing is kept
            fresh = make_runner(Path(other), data=DATA)
            fresh._dataset = runner.dataset()  # noqa: SLF001 - read once
            objectives = worth(job, fresh.run(training(made)))
        found.append(objectives)
        report(time.perf_counter() - started, hypervolume(found, REFERENCE))
        return list(objectives)

    problem = platypus.Problem(len(GENES), 2, function=evaluate)
    problem.types[:] = [platypus.Integer(low, high) for low, high in GENES.values()]
    random.seed(0)
    platypus.NSGAII(problem, population_size=POPULATION).run(POPULATION * GENERATIONS)
    return hypervolume(found, REFERENCE)


def searched(folder: Path, generations: int) -> tuple[float, float]:
    """Search with ``evolve`` and train its front to the end; return seconds and hypervolume."""
    runner = make_runner(folder, data=DATA, workers=2)
    model = student(runner)
    started = time.perf_counter()
    outcome: Outcome = runner.run(
        Request(
            step="evolve",
            subject=model,
            options={
                "space": "flexstudent",
                "population": POPULATION,
                "generations": generations,
                "rungs": [0.5],
                "candidate": [{"use": "fit", **FIT, "epochs": EPOCHS // 4}],
                "genes": {name: {"lo": low, "hi": high} for name, (low, high) in GENES.items()},
                "objectives": {"error": "min", "macs": "min"},
            },
        )
    )
    job = make_job(folder, runner=runner)
    members = [training(member.artifact, EPOCHS - EPOCHS // 4) for member in outcome.front]
    ends = []
    for found in job.map(run_request, members):
        assert isinstance(found, Outcome), found
        ends.append(worth(job, found))
    return time.perf_counter() - started, hypervolume(ends, REFERENCE)


def compare() -> None:
    scale = REFERENCE[0] * REFERENCE[1]
    with tempfile.TemporaryDirectory() as folder:
        reached: list[tuple[float, float]] = []
        goal = plain(Path(folder) / "plain", lambda seconds, volume: reached.append((seconds, volume)))
        last = reached[-1][0]
        print(f"plain Platypus: {len(reached)} candidates, hypervolume {goal / scale:.4f} in {last:.0f} s", flush=True)
        for generations in (3, 6, 12):
            seconds, volume = searched(Path(folder) / f"evolve{generations}", generations)
            after = next((spent for spent, found in reached if found >= volume), None)
            said = f"plain needs {after:.0f} s, {after / seconds:.1f} times" if after else "plain does not get there"
            print(f"evolve, {generations} generations: {volume / scale:.4f} in {seconds:.0f} s; {said}", flush=True)


def overhead() -> None:
    with tempfile.TemporaryDirectory() as folder:
        runner = make_runner(Path(folder), data=DATA)
        model = student(runner)
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
    overhead() if sys.argv[1:2] == ["overhead"] else compare()
