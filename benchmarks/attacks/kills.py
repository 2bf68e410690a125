# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments: of a run, of a sweep, of a search's candidates, of a tool environment in the making."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from attacks import Tally
from attacks.mutants import FIT
from attacks.processes import Command

SWEEP = ("sweep", "ort.toml", "--over", "seed=0..3", "--workers", "2")
ORT = FIT.replace('[[step]]\nuse = "fit"\nepochs = 2\n', "")
SEARCH = """
[model]
zoo = "flexstudent"
shape = [1, 8, 8]
classes = 10
channels = [8]
neurons = 16
conv_layers = 2
[[step]]
use = "evolve"
space = "flexstudent"
population = 6
generations = 4
[[step.candidate]]
use = "mine"
[step.objectives]
"mine.loss" = "min"
params = "min"
"""
TOOL = '[model]\nzoo = "mlp"\nshape = [1, 8, 8]\nclasses = 10\n[[step]]\nuse = "mine"\nhammer = true\n'
PLUGIN = """
import time
from pathlib import Path
from attrs import frozen
from drawplate import Card, Form, Metric, hookimpl, option
from drawplate.toolenv import PythonTool

HERE = Path(__file__).parent

@frozen(kw_only=True)
class Options:
    hammer: bool = option("Whether a tool is asked, whose environment has to be made.", default=False)

@hookimpl
def card():
    return Card(summary="slow", options={"measure": Options}, accepts={Form.FLOAT}, tools=["hammer"],
                metrics={"loss"})

@hookimpl
def measure(subject, options, job):
    weights = sum(len(tensor.raw_data) for tensor in subject.proto().graph.initializer)
    if options.hammer:
        weights = job.tool("hammer").call("weigh", weights=weights)
    time.sleep(0.1)
    return (Metric(name="loss", value=1e6 / weights, unit="", source="estimated"),)

@hookimpl
def tools():
    return (PythonTool(name="hammer", summary="for an attack", python=">=3.9", lock=HERE / "lock.txt",
                       worker=HERE / "worker.py"),)
"""


def kill(kind: str, count: int, seed: int) -> Tally:
    """Kill, look for what is left, run again, compare."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as name:
        attack = _Attack(Path(name), kind, tally, random.Random(seed))
        for number in range(count):
            attack.once(f"{kind} {number}")
    return tally


runs, sweeps, candidates, tools = (partial(kill, kind) for kind in ("run", "sweep", "candidates", "tool"))


class _Attack:
    def __init__(self, folder: Path, kind: str, tally: Tally, choose: random.Random) -> None:
        self.tally, self.choose, self.kind, self.folder = tally, choose, kind, folder
        (folder / "fit.toml").write_text(FIT)
        (folder / "search.toml").write_text(SEARCH)
        (folder / "ort.toml").write_text(ORT)
        (folder / "tool.toml").write_text(TOOL)
        (folder / "mine.py").write_text(PLUGIN)
        (folder / "lock.txt").write_text("six==1.17.0\n")
        (folder / "worker.py").write_text("def weigh(weights):\n    import six\n    return weights\n")
        self.environment = {"XDG_CACHE_HOME": str(folder / "cache")} if kind == "tool" else {}
        self.good, self.seconds = self._undisturbed()

    def _command(self) -> Command:
        lines = {
            "run": ("run", "fit.toml"),
            "sweep": SWEEP,
            "candidates": ("run", "search.toml", "--workers", "2", "--plugin", "mine.py"),
            "tool": ("run", "tool.toml", "--plugin", "mine.py"),
        }
        return Command(lines[self.kind], self.folder, self.environment)

    def _undisturbed(self) -> tuple[Any, float]:
        code, said, seconds = self._command().run()
        assert code == 0, said
        good = self._result()
        self._forget()
        return good, seconds

    def _forget(self) -> None:
        for name in ("store", "cache/drawplate"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def once(self, name: str) -> None:
        self.tally.tried += 1
        command = self._command()
        command.start()
        assert command.process is not None
        self._wait_for_the_moment()
        killed = command.process.poll() is None
        if killed:
            command.process.send_signal(signal.SIGKILL)
        _, said = command.process.communicate()
        orphans = command.left_over()
        if orphans:
            self.tally.orphans += len(orphans)
            sys.stderr.write(f"{name}: left {[Path(f'/proc/{n}/cmdline').read_bytes()[:200] for n in orphans]}\n")
            command.clean()
        code, again, seconds = self._command().run()
        self.tally.tracebacks += "Traceback" in said + again
        self.tally.slowest = max(self.tally.slowest, seconds)
        if code or self._result() != self.good:
            self.tally.lost(name, f"exit code {code}, another result: {again[-500:]}")
        else:
            self.tally.fine += 1
        self._forget()
        sys.stderr.write(f"{name} done\n")

    def _wait_for_the_moment(self) -> None:
        """Sleep a random while; for candidates and tools until one is at work, and a little longer."""
        begun: dict[str, Callable[[], bool]] = {
            "candidates": lambda: any(self.folder.glob("store/work/*/evaluations.jsonl")),
            "tool": lambda: any(self.folder.glob("cache/drawplate/tools/hammer*/*")),
        }
        deadline = time.monotonic() + 1.5 * self.seconds
        if self.kind in begun:
            while not begun[self.kind]() and time.monotonic() < deadline:
                time.sleep(0.005)
        share = {"candidates": 0.4, "tool": 0.15}.get(self.kind, 0.95)
        time.sleep(self.choose.uniform(0.02, share) * self.seconds)

    def _result(self) -> Any:
        found: list[Any] = []
        if self.kind == "tool":
            made = next(self.folder.glob("cache/drawplate/tools/hammer*/lib/*/site-packages"))
            found.append(sorted(path.name for path in made.iterdir()))
        for path in sorted(self.folder.glob("store/runs/*/steps/*.json")):
            for outcome in json.loads(path.read_text())["outcomes"]:
                models = [outcome["artifact"]["digest"], *(one["artifact"]["digest"] for one in outcome["front"])]
                exact = [one["value"] for one in outcome["metrics"] if one["unit"] in ("%", "", "B")]
                found.append((path.parent.parent.name, path.name, models, outcome["curves"], exact))
        cells = [json.loads(path.read_text())["cells"] for path in self.folder.glob("store/runs/sweep-*/run.json")]
        return found, [[cell["run"], cell["error"]] for record in cells for cell in record]
