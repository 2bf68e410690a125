# SPDX-License-Identifier: Apache-2.0
"""What a worker is sent, and how it carries it out."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from drawplate.card import Verb
from drawplate.errors import DrawplateError, StepFailed
from drawplate.job import Job
from drawplate.runner import Runner
from drawplate.session import Session

ATTEMPTS = 3
"""How often an item is tried when its worker dies; a pool cannot tell which of its items killed it."""


@frozen(kw_only=True)
class Place:
    """Everything about a job that a worker needs to make one like it."""

    session: Session
    step: str
    verb: Verb | None
    seed: int
    dry: bool


def start_worker() -> None:
    """Give each worker one thread: two single-thread workers beat one with two threads."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


@cache
def _runner(session: Session) -> Runner:
    return Runner.of(session)


def carry_out(place: Place, function: Callable[[Job, Any], Any], item: Any) -> Any:
    """Call ``function(job, item)`` with a job of this process."""
    runner = _runner(place.session)
    with tempfile.TemporaryDirectory(prefix="drawplate-") as folder:
        job = runner.job(place.step, Path(folder), place.seed, verb=place.verb, dry=place.dry)
        return guarded(function, job, item)


def guarded(function: Callable[[Job, Any], Any], job: Job, item: Any) -> Any:
    """Call, and turn what is not a :class:`DrawplateError` into a :class:`StepFailed` with its traceback.

    Raises:
        DrawplateError: whatever the function raised.
    """
    try:
        return function(job, item)
    except DrawplateError:
        raise
    except Exception as error:
        failed = StepFailed(f"{type(error).__name__}: {error}", where=f"{job.step}, {function.__name__}")
        failed.traceback = traceback.format_exc()
        raise failed from error
