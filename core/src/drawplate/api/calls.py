# SPDX-License-Identifier: Apache-2.0
"""The commands as functions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.api.flows import Source, flow_from, plain, settings_from
from drawplate.api.planned import Planned
from drawplate.api.result import RunResult
from drawplate.api.show import reporter, tell_lines, tell_step
from drawplate.api.swept import SweepResult
from drawplate.engine import DEFAULT_STORE, Engine, open_store
from drawplate.errors import FlowError
from drawplate.report.read import find_run, list_runs, read_run
from drawplate.report.record import Run, Sweep
from drawplate.store.run_records import Axis

if TYPE_CHECKING:
    from drawplate.flow.model import Flow

PathLike = str | os.PathLike[str]


def run(
    flow: Source,
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - as on the command line
    seed: int | None = None,
    device: str = "cpu",
    store: PathLike = DEFAULT_STORE,
    plugins: Sequence[PathLike] = (),
    workers: int = 0,
    executor: str = "process",
    name: str = "flow",
    quiet: bool = False,
    **settings: Any,
) -> RunResult:
    """Run a flow: check all of it, then carry out its steps.  What is in the store is not computed again.

    Args:
        flow: a flow's file, or a dictionary of the same keys, whose ``data`` may hold arrays.
        set: values by ``step.key``, instead of the flow's.
        seed: instead of the flow's.
        device: ``cpu``, ``cuda``, ``cuda:1`` or ``auto``.
        store: folder of results.
        plugins: unpackaged plugins, files.
        workers: worker processes; 0 is one per core.
        executor: ``process``, ``ray``, or a Ray cluster's address.
        name: of a flow that is a dictionary: its run's id begins with it.
        quiet: neither bars nor what each step gave.
        **settings: ``step__key=value``, another way to write ``set``.

    Raises:
        DrawplateError: what is wrong with the flow, the model or the data, before anything is run; or what a step
            could not do.
    """
    from drawplate.flow.run import run_flow

    engine = _engine(store, plugins, device, workers, executor)
    made = _flow(flow, name, engine, settings_from(set, settings), seed)
    with engine.runner(made, reporter(quiet=quiet)) as runner:
        folder = run_flow(made, runner, tell_step(quiet=quiet)).folder
    record = read_run(folder)
    assert isinstance(record, Run)
    return RunResult(folder, record)


def plan(
    flow: Source,
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002
    seed: int | None = None,
    store: PathLike = DEFAULT_STORE,
    plugins: Sequence[PathLike] = (),
    name: str = "flow",
    **settings: Any,
) -> Planned:
    """Check a flow as a whole and say what it would do, without doing it; arguments as those of :func:`run`.

    Raises:
        DrawplateError: the first thing that is wrong, and where.
    """
    from drawplate.flow.plan import make_plan

    engine = _engine(store, plugins, "cpu", 1, "process")
    made = _flow(flow, name, engine, settings_from(set, settings), seed)
    with engine.runner(made, reporter(quiet=True)) as runner:
        return Planned(make_plan(made, runner))


def sweep(
    flow: Source,
    over: Mapping[str, Sequence[Any]],
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002
    seed: int | None = None,
    device: str = "cpu",
    store: PathLike = DEFAULT_STORE,
    plugins: Sequence[PathLike] = (),
    workers: int = 0,
    executor: str = "process",
    name: str = "flow",
    quiet: bool = False,
    **settings: Any,
) -> SweepResult:
    """Run a flow over a grid of options, in parallel; steps that runs share are computed once.

    Args:
        flow: a flow's file, or a dictionary.
        over: values by ``step.key``, or ``seed``; ``fold.pe+fold.simd`` gives both the same.
        set: as those of :func:`run`, and so are all others.
        seed: see :func:`run`.
        device: see :func:`run`.
        store: see :func:`run`.
        plugins: see :func:`run`.
        workers: see :func:`run`.
        executor: see :func:`run`.
        name: see :func:`run`.
        quiet: see :func:`run`.
        **settings: see :func:`run`.

    Raises:
        DrawplateError: when the first run's plan finds a mistake.  A run that fails later is recorded, the others go
            on.
    """
    from drawplate.flow.sweep import run_sweep

    engine = _engine(store, plugins, device, workers, executor)
    made = _flow(flow, name, engine, settings_from(set, settings), seed)
    axes = tuple(Axis(target, tuple(plain(list(values)))) for target, values in over.items())
    if not axes or not all(axis.values for axis in axes):
        raise FlowError("there is nothing to sweep over", where="over", allowed='{"fit.lr": [0.001, 0.01]}')
    with engine.runner(made, reporter(quiet=quiet)) as runner:
        folder = run_sweep(made, axes, runner, tell_lines(quiet=quiet)).folder
    record = read_run(folder)
    assert isinstance(record, Sweep)
    return SweepResult(folder, record)


def load(run: PathLike = "last", *, store: PathLike = DEFAULT_STORE) -> RunResult | SweepResult:
    """Return a run or a sweep of the store.

    Args:
        run: its id, the beginning of one, its folder, or ``last``.
        store: folder of results.

    Raises:
        FlowError: when there is none.
    """
    folder = find_run(open_store(Path(store)), os.fspath(run))
    record = read_run(folder)
    return SweepResult(folder, record) if isinstance(record, Sweep) else RunResult(folder, record)


def runs(*, store: PathLike = DEFAULT_STORE) -> list[str]:
    """Return the ids of the runs and sweeps of the store, the latest last."""
    return [row.id for row in list_runs(open_store(Path(store)), children=False)]


def _engine(store: PathLike, plugins: Sequence[PathLike], device: str, workers: int, executor: str) -> Engine:
    return Engine(
        store=Path(store), plugins=tuple(map(Path, plugins)), device=device, workers=workers, executor=executor
    )


def _flow(source: Source, name: str, engine: Engine, settings: Mapping[str, Any], seed: int | None) -> Flow:
    return flow_from(source, name=name, store=open_store(engine.store), settings=settings, seed=seed)
