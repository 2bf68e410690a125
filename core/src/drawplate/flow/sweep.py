# SPDX-License-Identifier: Apache-2.0
"""Running one flow over a grid of options."""

from __future__ import annotations

import functools
import itertools
import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from drawplate.errors import DrawplateError, FlowError
from drawplate.flow.expect import duration, said, took_before, took_in, work_of
from drawplate.flow.folder import RunFolder, now
from drawplate.flow.model import MAX_STEM, Flow
from drawplate.flow.override import apply_overrides, parse_value
from drawplate.flow.plan import make_plan
from drawplate.flow.read import flow_of
from drawplate.flow.run import run_flow
from drawplate.job import Job
from drawplate.metric import Metric
from drawplate.reporter import Nothing, Progress
from drawplate.runner import Runner
from drawplate.store.keys import digest_of
from drawplate.store.records import as_values
from drawplate.store.run_records import Axis, CellRecord, SweepRecord

MAX_CELLS = 100_000


@frozen(kw_only=True)
class Sweep:
    """A finished sweep."""

    folder: Path
    record: SweepRecord


@frozen
class Cell:
    """One point of the grid: the flow with its overrides."""

    flow: Flow
    values: tuple[Any, ...]


def read_axes(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Read ``step.key=1..8``, ``step.key=a,b,c`` and ``step.key+step.other=1..8``.

    Raises:
        FlowError: when one is malformed.
    """
    return tuple(_read_axis(text) for text in texts)


def _read_axis(text: str) -> Axis:
    target, equals, values = text.partition("=")
    if not equals or not values:
        raise FlowError(f"--over {text!r} is not understood", allowed="step.key=1..8 or step.key=a,b,c")
    first, dots, last = values.partition("..")
    if dots:
        try:
            span = range(int(first), int(last) + 1)
        except ValueError as error:
            raise FlowError(f"--over {text!r} is not a range of integers", allowed="step.key=1..8") from error
        if not span:
            raise FlowError(f"--over {text!r} is an empty range")
        return Axis(target.strip(), tuple(span[: MAX_CELLS + 1]))
    listed = parse_value(f"[{values}]")  # [8], [16, 16] are two values
    found = listed if isinstance(listed, list) else [parse_value(value.strip()) for value in values.split(",")]
    return Axis(target.strip(), tuple(found))


def cells_of(flow: Flow, axes: Sequence[Axis]) -> list[Cell]:
    """Return the grid, the last axis running fastest.

    Raises:
        FlowError: when an axis names no step, or the grid is too large.
    """
    if math.prod(len(axis.values) for axis in axes) > MAX_CELLS:
        raise FlowError(f"the grid has more than {MAX_CELLS:,} cells", hint="give fewer values, or several sweeps")
    cells: list[Cell] = []
    for values in itertools.product(*(axis.values for axis in axes)):
        overrides = {
            target.strip(): value for axis, value in zip(axes, values, strict=True) for target in axis.target.split("+")
        }
        cells.append(Cell(flow_of(apply_overrides(flow.table, overrides, flow.path.name), flow.path), values))
    return cells


def _nobody(_line: str) -> None:
    """Hear what a sweep says of its time."""


def run_sweep(flow: Flow, axes: Sequence[Axis], runner: Runner, tell: Callable[[str], None] = _nobody) -> Sweep:
    """Run all cells in worker processes.  A cell that fails is recorded; the others go on.

    Run again after a kill: finished cells come out of the store.

    Args:
        flow: what every cell does.
        axes: what is varied.
        runner: who does it.
        tell: told what there is to do and how long that takes, before it begins and when the first cell is done.

    Raises:
        DrawplateError: when the first cell's plan finds a mistake: then nothing is run.
    """
    cells = cells_of(flow, axes)
    make_plan(cells[0].flow, runner)
    session = runner.session
    table = {"flow": dict(flow.table), "axes": [[axis.target, list(axis.values)] for axis in axes]}
    run_id = f"sweep-{flow.path.stem[:MAX_STEM]}-{digest_of([table, session.device.partition(':')[0]])[:8]}"
    with session.store.lock(f"run-{run_id}", waiting=f"another process is at work on {run_id}; waiting for it"):
        folder = RunFolder.of(session.store, run_id)
        record = SweepRecord(
            id=run_id,
            file=flow.path.name,
            flow=flow.table,
            axes=tuple(axes),
            started=now(),
            cells=(),
            status="running",
        )
        ledger = _Ledger(folder, record, cells, runner, tell)
        ledger.say_what_is_to_do()
        try:
            _fill(ledger, runner.job("sweep", folder.path, flow.seed))
        except BaseException:
            ledger.write("interrupted")
            raise
        return Sweep(folder=folder.path, record=ledger.write("done"))


def _fill(ledger: _Ledger, job: Job) -> None:
    cells = ledger.cells
    with job.pool() as pool, job.progress(f"sweep of {len(cells)} runs", len(cells)) as ledger.bar:
        futures = []
        for number, cell in enumerate(cells):
            futures.append(pool.submit(run_cell, (ledger.record.id, cell)))
            futures[-1].add_done_callback(functools.partial(ledger.enter, number))
        wait(futures)
        for number, future in enumerate(futures):  # a callback may come after its waiter, or have raised
            ledger.enter(number, future)


@define
class _Ledger:
    """Writes the sweep's record whenever a cell is finished, from whichever thread."""

    folder: RunFolder
    record: SweepRecord
    cells: Sequence[Cell]
    runner: Runner
    tell: Callable[[str], None]
    bar: Progress = field(factory=Nothing)
    done: dict[int, CellRecord] = field(factory=dict)
    lock: threading.Lock = field(factory=threading.Lock)
    time_is_known: bool = False

    def say_what_is_to_do(self) -> None:
        session = self.runner.session
        work = work_of((cell.flow for cell in self.cells), session.store, session.device)
        seconds = work.seconds(took_before(self.cells[0].flow, session.store), session.workers)
        self.time_is_known = seconds is not None or not work.runs
        self.tell(said(work, seconds, session.workers))

    def _say_how_long(self, run: str) -> None:
        session = self.runner.session
        took = took_in(session.store.root / "runs" / run)
        work = work_of((cell.flow for cell in self.cells), session.store, session.device)
        seconds = work.seconds(took, session.workers)
        if seconds is not None and work.runs:
            self.time_is_known = True
            self.tell(f"the first took {duration(sum(took.values()))} of work; about {duration(seconds)} to go")

    def enter(self, number: int, future: Future[Any]) -> None:
        with self.lock:
            if number in self.done or future.cancelled():
                return
            run = self.cells[number].flow.run_id(self.runner.session.device)
            self.done[number] = _cell_record(self.cells[number], run, future)
            self.write("running")
            self.bar.advance(1, run)
            if not self.time_is_known and not self.done[number].error:
                self._say_how_long(run)

    def write(self, status: str) -> SweepRecord:
        cells = tuple(self.done[number] for number in sorted(self.done))
        record = evolve(self.record, cells=cells, status=status, updated=now())
        self.folder.write_run(as_values(record))
        return record


def _cell_record(cell: Cell, run: str, future: Future[Any]) -> CellRecord:
    try:
        return CellRecord(values=cell.values, run=run, metrics=future.result())
    except DrawplateError as raised:
        return CellRecord(values=cell.values, run=run, error=raised.message)


def run_cell(job: Job, item: tuple[str, Cell]) -> dict[str, tuple[Metric, ...]]:
    """Run one cell of a sweep in a worker process and return its whole-model metrics by step."""
    sweep, cell = item
    assert isinstance(job.host, Runner)
    result = run_flow(cell.flow, job.host, sweep=sweep)
    return {
        name: tuple(metric for metric in step.outcome.metrics if metric.layer is None)
        for name, step in result.steps.items()
        if step.outcome.metrics
    }
