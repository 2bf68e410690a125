# SPDX-License-Identifier: Apache-2.0
"""No workers: items run in the calling process, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self, TypeVar

from attrs import frozen

from drawplate.executor.call import guarded
from drawplate.job import Job

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@frozen
class SerialPool:
    """A pool that has nobody to send work to."""

    job: Job

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def submit(self, function: Callable[[Job, Item], Answer], item: Item) -> Future[Answer]:
        """Call at once."""
        future: Future[Any] = Future()
        try:
            future.set_result(guarded(function, self.job, item))
        except Exception as error:  # noqa: BLE001 - the future carries it
            future.set_exception(error)
        return future
