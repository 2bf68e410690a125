# SPDX-License-Identifier: Apache-2.0
"""Mutated flows and models are planned, mutated stores are shown, swept and run again."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attacks import Tally
from drawplate.errors import DrawplateError
from drawplate.flow import read_flow
from drawplate.flow.plan import make_plan
from drawplate.flow.run import RunResult, run_flow
from drawplate.report.html import page
from drawplate.report.read import list_runs, read_run, run_folders
from drawplate.report.record import Run
from drawplate.store.gc import collect
from drawplate.testing import make_runner

DIGITS = {"name": "digits", "limit": 200}
FIT = """
[model]
zoo = "mlp"
hidden = [16]
[data]
name = "digits"
limit = 200
[[step]]
use = "fit"
epochs = 2
[[step]]
use = "ort"
"""
FROM_FILE = '[model]\nonnx = "{}"\n[data]\nname = "digits"\nlimit = 200\n[[step]]\nuse = "ort"\n'


def flows(count: int, seed: int) -> Tally:
    """Plan mutated flow files."""
    from core.test_mutated_flows import GOOD, mutate

    tally, choose = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runner = make_runner(folder, data=DIGITS)
        path = folder / "f.toml"
        for number in range(count):
            path.write_text(mutate(GOOD, choose), encoding="utf-8")
            with tally.one(f"flow {number}"):
                make_plan(read_flow(path), runner)
    return tally


def models(count: int, seed: int) -> Tally:
    """Plan a flow on mutated model files."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "core" / "model_file"))
    from mutants import KINDS, write_mutants

    tally, each = Tally(), -(-count // len(KINDS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runner = make_runner(folder, data=DIGITS)
        written = write_mutants(folder, each * (seed + 1))  # every kind in turn, another share of each for every seed
        shares = [written[start + seed * each :][:each] for start in range(0, len(written), each * (seed + 1))]
        for path in [path for share in shares for path in share][:count]:
            flow = path.with_suffix(".toml")
            flow.write_text(FROM_FILE.format(path.name))
            with tally.one(path.name):
                make_plan(read_flow(flow), runner)
    return tally


def stores(count: int, seed: int) -> Tally:
    """Damage a store: what is shown is right or refused, and what is run again is the same."""
    tally, choose = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fit.toml").write_text(FIT)
        good = _result(_run(folder, folder / "good"))
        shown = _shown(folder / "good")
        for number in range(count):
            place = folder / str(number)
            shutil.copytree(folder / "good", place)
            harmed = [_harm(place / "store", choose) for _ in range(choose.choice([1, 1, 1, 2, 5]))]
            said = f"store {number}, {'; '.join(harmed)}"
            with tally.one(said, wants_none=True):
                for found in _shown(place).items() - shown.items():
                    tally.lost(said, f"shows {found}")
                try:
                    collect(make_runner(place).session.store, older_than=choose.choice([0, 14]))
                except DrawplateError as error:
                    if "nothing was removed" not in error.message:
                        tally.lost(said, error.message)
                if _result(_run(folder, place)) != good or _shown(place) != shown:
                    tally.lost(said, "another result")
            shutil.rmtree(place)
    return tally


def _run(folder: Path, place: Path) -> RunResult:
    return run_flow(read_flow(folder / "fit.toml"), make_runner(place, data=DIGITS))


def _result(run: RunResult) -> list[Any]:
    """What a run gives, without what is timed; everything that it names has to be there."""
    found = []
    for step in run.steps.values():
        outcome = step.outcome
        assert outcome.artifact.path.is_file()
        files = {}
        if outcome.build is not None:
            files = {name: outcome.build.path(name).read_bytes() for name in outcome.build.files}
        exact = [metric for metric in outcome.metrics if metric.unit in ("%", "", "B")]
        found.append((outcome.artifact.path.read_bytes(), files, exact, outcome.curves))
    return found


def _shown(place: Path) -> dict[str, str]:
    """What is shown of every run; a refusal shows nothing."""
    store, found = make_runner(place).session.store, {}
    list_runs(store)
    for folder in run_folders(store):
        try:
            record = read_run(folder)
            page([record])
        except DrawplateError:
            continue
        for step in record.steps if isinstance(record, Run) else ():
            for metric in step.outcome.metrics:
                if metric.unit in ("%", "B"):
                    found[f"{step.name}.{metric.name}.{metric.layer or ''}"] = str(metric.value)
    return found


def _harm(store: Path, choose: random.Random) -> str:
    files = sorted(path for path in store.rglob("*") if path.is_file() and path.suffix not in (".lock", ".txt"))
    if not files:
        return "nothing left"
    path, harm = choose.choice(files), choose.choice(HARMS)
    harm(path, choose)
    return f"{harm.__name__} {path.relative_to(store)}"


def _truncate(path: Path, choose: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: choose.randrange(len(data) or 1)])


def _zero(path: Path, _: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _flip(path: Path, choose: random.Random) -> None:
    data = bytearray(path.read_bytes() or b"x")
    for _ in range(choose.choice([1, 3])):
        data[choose.randrange(len(data))] ^= 1 << choose.randrange(8)
    path.write_bytes(data)


def _digit(path: Path, choose: random.Random) -> None:
    """Change a digit: what is left is as well formed as before."""
    data = bytearray(path.read_bytes())
    places = [place for place, byte in enumerate(data) if 48 <= byte < 58]
    if places:
        place = choose.choice(places)
        data[place] = 48 + (data[place] - 47) % 10
    path.write_bytes(data)


def _delete(path: Path, _: random.Random) -> None:
    path.unlink()


def _folder(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()


def _other(path: Path, choose: random.Random) -> None:
    """Put another of the store's files in its place."""
    path.write_bytes(choose.choice(list(_siblings(path))).read_bytes())


def _siblings(path: Path) -> Iterator[Path]:
    yield from (other for other in path.parent.iterdir() if other.is_file())


HARMS: tuple[Callable[[Path, random.Random], None], ...] = (_truncate, _zero, _flip, _digit, _delete, _folder, _other)
