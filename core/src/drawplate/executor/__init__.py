# SPDX-License-Identifier: Apache-2.0
"""Spreading items over worker processes; a lost worker costs one attempt, never the search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from drawplate.errors import ToolMissing
from drawplate.executor.call import JobMaker, Place
from drawplate.executor.workers import Workers
from drawplate.job import Job, Pool

if TYPE_CHECKING:
    from drawplate.session import Session

__all__ = ["Workers", "open_pool"]


@contextmanager
def open_pool(session: Session, job: Job, make: Callable[[Session], JobMaker], workers: Workers) -> Iterator[Pool]:
    """Open worker processes; with one worker the items run in this process.

    Args:
        session: says how many workers, and where.
        job: what the items belong to; workers get jobs like it.
        make: called once in every worker with its session; can be pickled.
        workers: the session's processes on this machine.
    """
    place = Place(session=session.in_worker(), make=make, step=job.step, verb=job.verb, seed=job.seed, dry=job.dry)
    executor = session.executor
    if executor != "process":
        pool: Pool = _ray_pool(place, session.workers, None if executor == "ray" else executor)
    elif session.workers > 1:
        from drawplate.executor.process import ProcessPool

        pool = ProcessPool(place, workers)
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
