# SPDX-License-Identifier: Apache-2.0
"""Worker processes on this machine."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Self, TypeVar

from attrs import define, field

from drawplate.errors import StepFailed
from drawplate.executor.call import ATTEMPTS, Parcel, Place, start_worker
from drawplate.job import Job

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@define
class _Ticket:
    name: str
    parcel: Parcel
    answer: Future[Any] = field(factory=Future)
    attempts: int = 0


@define
class ProcessPool:
    """A process pool that is made anew when a worker dies."""

    place: Place
    workers: int
    _pool: ProcessPoolExecutor | None = None
    _lock: threading.RLock = field(factory=threading.RLock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def submit(self, function: Callable[[Job, Item], Answer], item: Item) -> Future[Answer]:
        """Send one item to the workers."""
        ticket = _Ticket(function.__name__, Parcel.of(self.place, function, item))
        self._send(ticket)
        return ticket.answer

    def _send(self, ticket: _Ticket) -> None:
        with self._lock:
            ticket.attempts += 1
            try:
                sent = self._current().submit(ticket.parcel.carry_out)
            except BrokenProcessPool:
                self._pool = None
                sent = self._current().submit(ticket.parcel.carry_out)
        pool = self._pool
        sent.add_done_callback(lambda done: self._finish(ticket, done, pool))

    def _current(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
            )
        return self._pool

    def _finish(self, ticket: _Ticket, done: Future[Any], pool: ProcessPoolExecutor | None) -> None:
        if done.cancelled():
            ticket.answer.cancel()
            return
        error = done.exception()
        if not isinstance(error, BrokenProcessPool):
            ticket.answer.set_exception(error) if error else ticket.answer.set_result(done.result())
            return
        with self._lock:
            if self._pool is pool:
                self._pool = None
        if ticket.attempts < ATTEMPTS:
            self._send(ticket)
        else:
            ticket.answer.set_exception(
                StepFailed(
                    f"its worker process died {ATTEMPTS} times",
                    where=f"{self.place.step}, {ticket.name}",
                    hint="memory may have run out: use fewer workers",
                )
            )
