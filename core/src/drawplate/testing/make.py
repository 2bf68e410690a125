# SPDX-License-Identifier: Apache-2.0
"""Runners and jobs over a temporary store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drawplate.job import Job
from drawplate.runner import Runner
from drawplate.session import Session
from drawplate.store import Store

if TYPE_CHECKING:
    from drawplate.data import Dataset


def make_runner(
    folder: Path,
    *,
    data: Mapping[str, Any] | None = None,
    dataset: Dataset | None = None,
    plugin_files: Iterable[Path] = (),
    workers: int = 1,
    executor: str = "process",
) -> Runner:
    """Make a runner whose store lies in ``folder``.

    Args:
        folder: usually pytest's ``tmp_path``.
        data: a ``[data]`` table, e.g. ``{"name": "digits"}``.
        dataset: the data themselves, instead of a table.
        plugin_files: unpackaged plugins.
        workers: worker processes of :meth:`drawplate.Job.map`.
        executor: ``process``, or ``ray``.
    """
    session = Session(
        store=Store(folder / "store"),
        plugin_files=tuple(plugin_files),
        data=data if data is not None or dataset is None else {"name": dataset.name},
        workers=workers,
        executor=executor,
    )
    runner = Runner.of(session)
    runner._dataset = dataset  # noqa: SLF001 - a test's data need no reader
    return runner


def make_job(
    folder: Path,
    *,
    step: str = "test",
    seed: int = 0,
    dry: bool = False,
    runner: Runner | None = None,
    dataset: Dataset | None = None,
) -> Job:
    """Make a job to call a step's function with directly; its work folder and store lie in ``folder``."""
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    made = runner or make_runner(folder, dataset=dataset)
    return made.job(step, work, seed, dry=dry)
