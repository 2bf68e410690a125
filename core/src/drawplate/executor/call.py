# SPDX-License-Identifier: Apache-2.0
"""What a worker is sent, and how it carries it out."""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
import traceback
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from drawplate.card import Verb
from drawplate.errors import DrawplateError, StepFailed
from drawplate.executor.leash import hold
from drawplate.interrupt import is_from_outside
from drawplate.plugins.files import import_file
from drawplate.processes import scratch
from drawplate.session import Session

if TYPE_CHECKING:
    from drawplate.job import Job

ATTEMPTS = 3
"""How often an item is tried when its worker dies; a pool cannot tell which of its items killed it."""


class JobMaker(Protocol):
    """Makes jobs in a worker: a runner."""

    def job(self, step: str, folder: Path, seed: int, *, verb: Verb | None, dry: bool) -> Job:
        """Make a job that works in a folder."""


@frozen(kw_only=True)
class Place:
    """Everything about a job that a worker needs to make one like it."""

    session: Session
    make: Callable[[Session], JobMaker]
    step: str
    verb: Verb | None
    seed: int
    dry: bool


def start_worker(end: Connection, temporary: Path) -> None:
    """Tie a worker to its pool, and give it one thread: two single-thread workers beat one with two threads.

    Its temporary files lie in its pool's folder: it is ended without being asked to put them away.
    """
    hold(end)
    tempfile.tempdir = str(temporary)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


@frozen
class Parcel:
    """A function and its item, pickled: they may come out of plugin files that a worker has to import first."""

    place: Place
    content: bytes

    @classmethod
    def of(cls, place: Place, function: Callable[[Job, Any], Any], item: Any) -> Parcel:
        """Pack them."""
        return cls(place, pickle.dumps((function, item)))

    def carry_out(self) -> Any:
        """Call ``function(job, item)`` with a job of this process."""
        place = self.place
        maker = _maker(place.make, place.session)
        try:
            function, item = pickle.loads(self.content)  # noqa: S301 - packed by our own process
        except Exception as error:
            raise StepFailed(f"a worker cannot read its item: {error}", where=place.step) from error
        with scratch() as folder:
            job = maker.job(place.step, folder, place.seed, verb=place.verb, dry=place.dry)
            return guarded(function, job, item)


@cache
def _maker(make: Callable[[Session], JobMaker], session: Session) -> JobMaker:
    for path in session.plugin_files:
        with contextlib.suppress(Exception, SystemExit):  # a bad plugin stops only those who use it
            import_file(path)
    return make(session)


def guarded(function: Callable[[Job, Any], Any], job: Job, item: Any) -> Any:
    """Call, and turn what is not a :class:`DrawplateError` into a :class:`StepFailed` with its traceback.

    Raises:
        DrawplateError: whatever the function raised.
    """
    try:
        return function(job, item)
    except DrawplateError:
        raise
    except BaseException as error:
        if is_from_outside(error):
            raise
        failed = StepFailed(f"{type(error).__name__}: {error}", where=f"{job.step}, {function.__name__}")
        failed.traceback = traceback.format_exc()
        raise failed from error
