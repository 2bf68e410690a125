# SPDX-License-Identifier: GPL-3.0-or-later
"""Step ``evolve`` at its defaults against Platypus used plainly: hypervolume over CPU time.

    python benchmarks/search.py run digits plain 0          # one search with seed 0; goes on where it was stopped
    python benchmarks/search.py run digits evolve 0
    python benchmarks/search.py run digits no-surrogate 0   # and other ablations: see APPROACHES
    python benchmarks/search.py table digits                # what all of them found
    python benchmarks/search.py overhead                    # what the search itself takes per candidate

The baseline is Platypus' NSGA-II as its documentation shows it: its default population of 100, integers in Gray code,
its default operators, every candidate trained to the end.  Both search one space (layers, channels and neurons of a
FlexStudent) for validation error and multiply-accumulates, with one worker.

The clock is CPU time of the whole search, because machines are shared; workers would shorten both alike.  Others slow
down even CPU time, by their share of the caches: beside every training a fixed piece of work is timed too, and by how
much slower it is than on an undisturbed core is taken out.  Trainings are kept in one store, and one that was computed
before (ablations share trainings) is charged what it took then, so that nothing is for free that a search alone would
have had to compute; what plain Platypus asks for again it trains again.
The hypervolume at a time is that of the front, by validation error, of all candidates that were trained to the end by
then: at its test errors, because the lowest of many validation errors is a lucky one, and at its validation errors too.
"""

from __future__ import annotations

import csv
import importlib
import itertools
import json
import math
import random
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from drawplate.artifact import Artifact
from drawplate.card import Verb
from drawplate.count import count_macs
from drawplate.job import Request
from drawplate.plugins import contributions
from drawplate.processes import scratch
from drawplate.runner import Runner
from drawplate.testing import make_job, make_runner
from drawplate.zoo import build_model
from drawplate_evolve_nsga2.candidate.trial import validated
from drawplate_evolve_nsga2.nsga import hypervolume

RESULTS = Path(__file__).parent / "results" / "search"
GENES = {"conv_layers": (1, 3), "fc_layers": (1, 3), "channels": (1, 16), "neurons": (1, 64)}
FIT = {"lr": 4e-3, "batch": 64}
UNDISTURBED = 13.0e-3
"""CPU seconds of :meth:`Pace.slower`'s piece of work, without others on the machine."""
COLUMNS = ("cpu_seconds", "epochs", "error", "test_error", "macs", "conv_layers", "fc_layers", "channels", "neurons")
"""CPU time and epochs, trained by any candidate, up to when a candidate had been trained to the end."""


@frozen(kw_only=True)
class Case:
    """What all approaches search for: on which data, for how long."""

    data: Mapping[str, Any]
    shape: tuple[int, int, int]
    epochs: int
    """Of a training to the end."""
    plain: int
    """Candidates of the plain search."""
    reference: tuple[float, float]
    """Error in percent and multiply-accumulates."""

    def student(self, runner: Runner) -> Artifact:
        """Put the model that the search starts from into the store."""
        options = {"channels": [8], "neurons": 32}
        proto = build_model("flexstudent", options, shape=self.shape, classes=10, seed=0)
        model: Artifact = runner.session.store.put_model(proto)
        return model


CASES = {
    "digits": Case(
        data={"name": "digits", "val": 500},
        shape=(1, 8, 8),
        epochs=18,
        plain=400,
        reference=(50.0, 400_000.0),
    ),
    "fashion-mnist-2000": Case(
        data={"name": "fashion-mnist", "limit": 2_000, "val": 2_000},
        shape=(1, 28, 28),
        epochs=12,
        plain=100,
        reference=(50.0, 4e6),
    ),
    "fashion-mnist-10000": Case(
        data={"name": "fashion-mnist", "limit": 10_000, "val": 5_000},
        shape=(1, 28, 28),
        epochs=12,
        plain=100,
        reference=(50.0, 4e6),
    ),
}
APPROACHES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "evolve": {},
    "no-surrogate": {"surrogate": False},
    "no-rungs": {"rungs": []},
    "neither": {"surrogate": False, "rungs": []},
    "generations": {"schedule": "generations"},
}


@define
class Pace:
    """How much slower than an undisturbed core this one is."""

    latest: deque[float] = field(factory=lambda: deque(maxlen=5))

    def slower(self) -> float:
        """Train a little network for a moment; the median of the latest times counts."""
        import torch
        from torch import nn
        from torch.nn import functional as F  # noqa: N812

        with torch.random.fork_rng(devices=[]):
            net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))
            adam, x, y = torch.optim.Adam(net.parameters(), fused=True), torch.randn(64, 1, 8, 8), torch.arange(64) % 10
        began = time.process_time()
        for _ in range(12):
            adam.zero_grad()
            F.cross_entropy(net(x), y).backward()  # type: ignore[no-untyped-call]
            adam.step()
        self.latest.append(time.process_time() - began)
        return statistics.median(self.latest) / UNDISTURBED


@define
class Clock:
    """CPU time of one search; results out of the store cost what they took when they were computed."""

    costs: Path
    """A JSON line per result: its key, CPU seconds, epochs."""
    epochs: int = 0
    _pace: Pace = field(factory=Pace)
    _slower: float = 1.0
    _known: dict[str, float] = field(factory=dict)
    _charged: set[str] = field(factory=set)
    _total: float = 0.0
    _last: float = 0.0

    def __attrs_post_init__(self) -> None:
        if self.costs.exists():
            self._known = dict(map(json.loads, self.costs.read_text().splitlines()))
        for _ in range(6):  # the first one warms up
            self._slower = self._pace.slower()
        self._last = time.process_time()

    def now(self) -> float:
        now = time.process_time()
        self._total += (now - self._last) / self._slower
        self._last = now
        return self._total

    def forget(self) -> None:
        """Charge again for what was charged: plain Platypus keeps nothing."""
        self._charged.clear()

    def skip(self) -> None:
        """Leave out what no search does, since the last look at the clock: reading test images, timing."""
        self._last = time.process_time()

    def watch(self, monkeypatch: Callable[[Any, str, Any], None]) -> None:
        """See every call that a runner carries out."""
        compute, found = Runner._compute, Runner._found  # noqa: SLF001 - what costs is inside

        def timed(runner: Any, key: str, request: Request, verb: Verb, options: Any, before: Any) -> Any:
            began = self.now()
            outcome = compute(runner, key, request, verb, options, before)
            if verb is Verb.TRAIN:
                self._known[key] = self.now() - began
                self._slower = self._pace.slower()
                self.skip()
                self._charged.add(key)
                self.epochs += options.epochs
                with self.costs.open("a") as file:
                    file.write(json.dumps([key, self._known[key]]) + "\n")
            return outcome

        def looked(runner: Any, key: str) -> Any:
            outcome = found(runner, key)
            if outcome is not None and key in self._known and key not in self._charged:
                self._charged.add(key)
                self._total += self._known[key]
                self.epochs += len(outcome.curves["train_loss"])
            return outcome

        monkeypatch(Runner, "_compute", timed)
        monkeypatch(Runner, "_found", looked)


@define
class Log:
    """The file of one search."""

    path: Path
    clock: Clock
    job: Any

    def __attrs_post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write("w", COLUMNS)

    def add(self, model: Artifact, error: float, macs: float, genome: Mapping[str, Any]) -> None:
        seconds = self.clock.now()
        tested = test_error(model, self.job)
        self.clock.skip()
        row = (f"{seconds:.2f}", self.clock.epochs, f"{error:.4f}", f"{tested:.4f}", int(macs), *genome.values())
        self._write("a", row)

    def _write(self, mode: str, row: Any) -> None:
        with self.path.open(mode, newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(row)


def test_error(model: Artifact, job: Any) -> float:
    """Return the error on the test images, which choose nothing, in percent."""
    from drawplate.ort import to_standard_onnx
    from drawplate.ort.accuracy import measured
    from drawplate.ort.session import open_session

    proto = model.proto()
    session = open_session(to_standard_onnx(proto), threads=1, exact=False)
    found = {metric.name: metric.value for metric in measured(session, proto, job.data("test"), job.dataset)}
    return found["error"]


def plain(case: Case, runner: Runner, seed: int, log: Log) -> None:
    """Search with Platypus alone."""
    import platypus

    with scratch() as folder:
        job = make_job(folder, runner=runner)
        model = case.student(runner)
        space = contributions("search_spaces")["flexstudent"].open(model, job)

        def evaluate(values: list[int]) -> list[float]:
            genome = dict(zip(GENES, values, strict=True))
            made = space.express(genome, model, job).model
            options = {**FIT, "epochs": case.epochs}
            log.clock.forget()
            done = runner.run(Request(step="fit", subject=made, options=options, verbs=(Verb.TRAIN,), seed=seed))
            error, macs = validated(done.artifact, job)["error"].value, float(count_macs(made.proto()))
            log.add(done.artifact, error, macs, genome)
            return [error, macs]

        problem = platypus.Problem(len(GENES), 2, function=evaluate)
        problem.types[:] = [platypus.Integer(low, high) for low, high in GENES.values()]
        random.seed(seed)
        platypus.NSGAII(problem).run(case.plain)


def evolve(case: Case, runner: Runner, seed: int, log: Log, changes: Mapping[str, Any]) -> None:
    """Search with ``evolve``."""
    from drawplate_evolve_nsga2.search.evaluator import Evaluator

    send = Evaluator.start

    def started(evaluator: Any, turn: Any) -> Any:
        future = send(evaluator, turn)  # one worker: it is done
        if turn.rung == evaluator.task.top and future.done() and not future.exception():
            found = future.result()
            log.add(found.artifact, found.metrics["error"].value, found.metrics["macs"].value, turn.place.genome)
        return future

    finish = Evaluator._finish  # noqa: SLF001 - by generations, nothing is started ahead

    def finished(evaluator: Any, turn: Any, future: Any) -> None:
        finish(evaluator, turn, future)
        found = evaluator.known[turn.name]
        if by_generation and found.status == "ok" and not found.missing:
            log.add(found.artifact, found.metrics["error"].value, found.metrics["macs"].value, found.genome)

    by_generation = changes.get("schedule") == "generations"
    Evaluator.start, Evaluator._finish = started, finished  # type: ignore[method-assign] # noqa: SLF001
    options = {
        "space": "flexstudent",
        "candidate": [{"use": "fit", **FIT, "epochs": case.epochs}],
        "genes": {name: {"lo": low, "hi": high} for name, (low, high) in GENES.items()},
        "objectives": {"error": "min", "macs": "min"},
        **changes,
    }
    outcome = runner.run(Request(step="evolve", subject=case.student(runner), options=options, seed=seed))
    for row in outcome.tables.get("surrogate", ()):
        print(row)


def run(name: str, approach: str, seed: int, store: Path) -> None:
    case, path = CASES[name], RESULTS / f"{name}-{approach}-{seed}.csv"
    runner = make_runner(store / name, data=case.data)
    runner.dataset()
    # What is imported on first use is no part of a search.
    Runner.run(runner, Request(step="fit", subject=case.student(runner), options={"epochs": 1}, seed=99))
    for module in ("platypus", "moocore", "drawplate_evolve_nsga2.search.surrogate"):
        importlib.import_module(module)
    clock = Clock(store / name / "costs.jsonl")
    clock.watch(setattr)
    log = Log(path.with_suffix(".part"), clock, make_job(store / name, runner=runner))
    if approach == "plain":
        plain(case, runner, seed, log)
    else:
        evolve(case, runner, seed, log, APPROACHES[approach])
    log.path.replace(path)
    print(f"{path.name}: {clock.now():.0f} s of CPU, {clock.epochs} epochs", flush=True)


Row = tuple[float, float, float, float]
"""CPU seconds, validation error, test error, multiply-accumulates of a candidate that was trained to the end."""


def read(name: str, approach: str) -> dict[str, list[Row]]:
    """Return the rows of every seed; a search that was stopped before its end has those that it came to."""
    found = {}
    for path in sorted(RESULTS.glob(f"{name}-{approach}-[0-9]*.csv")):
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        names = ("cpu_seconds", "error", "test_error", "macs")
        found[path.stem.rpartition("-")[2]] = [tuple(float(row[name]) for name in names) for row in rows]
    return found


def volumes(case: Case, rows: list[Row], *, logarithmic: bool, tested: bool) -> list[tuple[float, float]]:
    """Return CPU seconds and hypervolume after every candidate; 1 is a perfect one that costs nothing.

    Args:
        case: has the reference point.
        rows: of one search.
        logarithmic: halving the multiply-accumulates is worth the same anywhere, down to a thousandth of the reference.
        tested: the front that the validation errors choose, at its test errors: a lucky reading is worth nothing.
    """
    error, macs = case.reference
    least = macs / 1000
    reference = (error, math.log(1000) if logarithmic else macs)
    found: list[tuple[float, float]] = []
    front: list[Row] = []
    for row in rows:
        if not any(one[1] <= row[1] and one[3] <= row[3] for one in front):
            front = [one for one in front if not (row[1] <= one[1] and row[3] <= one[3])] + [row]
        points = [
            (one[2 if tested else 1], math.log(max(one[3], least) / least) if logarithmic else one[3]) for one in front
        ]
        found.append((row[0], hypervolume(points, reference) / math.prod(reference)))
    return found


Curve = list[tuple[float, float]]
"""CPU seconds and hypervolume."""


def reached(curve: Curve, goal: float) -> float:
    return next((seconds for seconds, volume in curve if volume >= goal), math.inf)


def at(curve: Curve, seconds: float) -> float:
    return next((volume for then, volume in reversed(curve) if then <= seconds), 0.0)


def ahead(own: Curve, other: Curve) -> float:
    """Return from when on one curve is not below the other, as far as it goes."""
    times = sorted(then for then, _ in (*own, *other) if then <= own[-1][0])
    behind = [number for number, then in enumerate(times) if at(own, then) < at(other, then)]
    return times[behind[-1] + 1] if behind and behind[-1] + 1 < len(times) else math.inf if behind else 0.0


def table(name: str) -> None:
    for tested, logarithmic in itertools.product((True, False), (False, True)):
        words = f"{'test' if tested else 'validation'} errors", "the logarithm of " * logarithmic
        print(f"{name}, hypervolume of the front's {words[0]} and {words[1]}multiply-accumulates")
        compare(name, logarithmic=logarithmic, tested=tested)


def compare(name: str, *, logarithmic: bool, tested: bool) -> None:
    case = CASES[name]
    found = {
        approach: {
            seed: volumes(case, rows, logarithmic=logarithmic, tested=tested)
            for seed, rows in read(name, approach).items()
        }
        for approach in APPROACHES
    }
    for approach, curves in found.items():
        if not curves:
            continue
        took, ends = ([curve[-1][part] for curve in curves.values()] for part in (0, 1))
        said = [f"{len(curves)} seeds, {spread(took, '.0f')} s of CPU: {spread(ends)}"]
        for seconds in (5, 10, 15, 20, 40, 80):
            reach = [curve for curve in curves.values() if curve[-1][0] > 0.95 * seconds]
            if reach:
                said.append(f"after {seconds} s {spread([at(curve, seconds) for curve in reach])} of {len(reach)}")
        pairs = (
            []
            if approach == "plain"
            else [(found["plain"][seed], curves[seed]) for seed in found["plain"].keys() & curves]
        )
        if pairs:
            said.append(f"ahead from {spread([ahead(own, one) for one, own in pairs], '.1f')} s on")
        for count in (25, 50, 100, case.plain):
            whole = [(one[:count][-1], own) for one, own in pairs if len(one) > 0.95 * count]
            times = [one[0] / reached(own, one[1]) for one, own in whole]
            if times:
                said.append(f"level of {count} plain ones in {spread(times, '.1f')} times less ({len(times)} seeds)")
        print(f"  {approach:13s} {'; '.join(said)}")


def spread(values: list[float], style: str = ".4f") -> str:
    """Return median, least and most."""
    low, middle, high = (format(pick(values), style) for pick in (min, statistics.median, max))
    return f"{middle} ({low}..{high})" if len(values) > 1 else middle


def overhead() -> None:
    with scratch() as folder:
        case = CASES["digits"]
        runner = make_runner(folder, data=case.data)
        options = {
            "space": "flexstudent",
            "population": 20,
            "generations": 20,
            "genes": {name: {"lo": low, "hi": high} for name, (low, high) in GENES.items()},
            "objectives": {"params": "min", "macs": "max"},
        }
        wall, cpu = time.perf_counter(), time.process_time()
        outcome = runner.run(Request(step="evolve", subject=case.student(runner), options=options))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        count = len(outcome.tables["candidates"])
        print(f"{count} candidates: {1e3 * wall / count:.1f} ms each ({1e3 * cpu / count:.1f} ms of CPU)")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run", name, approach, seed, *store]:
            run(name, approach, int(seed), Path(store[0] if store else "search-store"))
        case ["table", name]:
            table(name)
        case ["overhead"]:
            overhead()
        case _:
            sys.exit(__doc__)
