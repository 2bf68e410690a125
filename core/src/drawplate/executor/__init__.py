# SPDX-License-Identifier: Apache-2.0
"""Spreading items over worker processes; a lost worker costs one attempt, never the search."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from drawplate.errors import ToolMissing
from drawplate.job import Job, Pool

if TYPE_CHECKING:
    from drawplate.executor.call import Place
    from drawplate.runner import Runner

__all__ = ["open_pool"]


@contextmanager
def open_pool(runner: Runner, job: Job) -> Iterator[Pool]:
    """Open worker processes; with one worker the items run in this process."""
    from drawplate.executor.call import Place

    place = Place(session=runner.session.in_worker(), step=job.step, verb=job.verb, seed=job.seed, dry=job.dry)
    executor = runner.session.executor
    if executor != "process":
        pool: Pool = _ray_pool(place, runner.session.workers, None if executor == "ray" else executor)
    elif runner.session.workers > 1:
        from drawplate.executor.process import ProcessPool

        pool = ProcessPool(place, runner.session.workers)
    else:
        from drawplate.executor.serial import SerialPool

        pool = SerialPool(job)
    with pool:
        yield pool


def _ray_pool(place: Place, workers: int, address: str | None) -> Pool:
    try:
        from drawplate.executor.ray import RayPool
    except ImportError as error:
        raise ToolMissing(
            "is not installed", where="Ray", hint="pip install 'drawplate[ray]', or leave --executor out"
        ) from error
    return RayPool(place, workers, address)
