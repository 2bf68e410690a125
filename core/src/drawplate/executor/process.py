# SPDX-License-Identifier: Apache-2.0
"""Worker processes on this machine."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Self, TypeVar

from attrs import define, field

from drawplate.errors import StepFailed
from drawplate.executor.call import ATTEMPTS, Parcel, Place, start_worker
from drawplate.job import Job

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@define(eq=False)
class _Ticket:
    name: str
    parcel: Parcel
    answer: Future[Any] = field(factory=Future)
    sent: Future[Any] = field(factory=Future)
    """Of the attempt that is under way."""
    attempts: int = 0


@define
class Workers:
    """Worker processes that stay from pool to pool, and are made anew when one of them dies."""

    count: int
    _pool: ProcessPoolExecutor | None = None
    _lock: threading.RLock = field(factory=threading.RLock)

    def send(self, ticket: _Ticket) -> None:
        """Have a worker carry out a parcel."""
        with self._lock:
            ticket.attempts += 1
            try:
                ticket.sent = self._current().submit(ticket.parcel.carry_out)
            except BrokenProcessPool:
                self._pool = None
                ticket.sent = self._current().submit(ticket.parcel.carry_out)
            pool = self._pool
        ticket.sent.add_done_callback(lambda done: self._finish(ticket, done, pool))

    def close(self, *, wait: bool = True) -> None:
        """End all workers; without waiting, what they are at is not heard of any more."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool:
            pool.shutdown(wait=wait, cancel_futures=True)

    def _current(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.count, mp_context=multiprocessing.get_context("spawn"), initializer=start_worker
            )
        return self._pool

    def _finish(self, ticket: _Ticket, done: Future[Any], pool: ProcessPoolExecutor | None) -> None:
        if done.cancelled():
            ticket.answer.cancel()
            ticket.answer.set_running_or_notify_cancel()  # whoever waits for it is told
            return
        error = done.exception()
        if not isinstance(error, BrokenProcessPool):
            ticket.answer.set_exception(error) if error else ticket.answer.set_result(done.result())
            return
        with self._lock:
            if self._pool is pool:
                self._pool = None
        if ticket.attempts < ATTEMPTS:
            self.send(ticket)
        else:
            ticket.answer.set_exception(
                StepFailed(
                    f"its worker process died {ATTEMPTS} times",
                    where=f"{ticket.parcel.place.step}, {ticket.name}",
                    hint="memory may have run out: use fewer workers; a script of your own starts its work below "
                    "if __name__ == '__main__'",
                )
            )


@define
class ProcessPool:
    """What one step sends to workers."""

    place: Place
    workers: Workers
    _tickets: list[_Ticket] = field(factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Give up what was not begun, and wait for the rest; after an error, end the workers in the middle of it."""
        for ticket in self._tickets:
            ticket.sent.cancel()
        if kind is not None:
            self.workers.close(wait=False)
        else:
            wait([ticket.answer for ticket in self._tickets])

    def submit(self, function: Callable[[Job, Item], Answer], item: Item) -> Future[Answer]:
        """Send one item to the workers."""
        ticket = _Ticket(function.__name__, Parcel.of(self.place, function, item))
        self._tickets.append(ticket)
        self.workers.send(ticket)
        return ticket.answer
