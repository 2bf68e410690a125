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
from drawplate.executor.leash import Leash, shielded, without_script
from drawplate.job import Job
from drawplate.processes import scratch_root

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


@define(eq=False)
class _Crew:
    """Worker processes that end together."""

    pool: ProcessPoolExecutor
    leash: Leash
    let_go: bool = False
    """Whether they were ended before they were finished: then nobody waits for what they were at."""

    @classmethod
    def of(cls, count: int) -> _Crew:
        """Have so many workers, each started when it is first needed."""
        leash, spawn = Leash(), multiprocessing.get_context("spawn")
        arguments = (leash.end, scratch_root())
        return cls(ProcessPoolExecutor(count, spawn, initializer=start_worker, initargs=arguments), leash)

    def submit(self, parcel: Parcel) -> Future[Any]:
        with shielded(), without_script():
            return self.pool.submit(parcel.carry_out)

    def close(self, *, wait: bool) -> None:
        self.let_go = not wait
        if not wait:
            self.leash.let_go()
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.leash.let_go()


@define
class Workers:
    """Worker processes that stay from pool to pool, and are made anew when one of them dies."""

    count: int
    _crew: _Crew | None = None
    _lock: threading.RLock = field(factory=threading.RLock)

    def send(self, ticket: _Ticket) -> None:
        """Have a worker carry out a parcel."""
        with self._lock:
            ticket.attempts += 1
            crew = self._current()
            try:
                ticket.sent = crew.submit(ticket.parcel)
            except BrokenProcessPool:
                self._crew = None
                crew = self._current()
                ticket.sent = crew.submit(ticket.parcel)
        ticket.sent.add_done_callback(lambda done: self._finish(ticket, done, crew))

    def close(self, *, wait: bool = True) -> None:
        """End all workers; without waiting, in the middle of whatever they are at."""
        with self._lock:
            crew, self._crew = self._crew, None
        if crew:
            crew.close(wait=wait)

    def _current(self) -> _Crew:
        if self._crew is None:
            self._crew = _Crew.of(self.count)
        return self._crew

    def _finish(self, ticket: _Ticket, done: Future[Any], crew: _Crew) -> None:
        if done.cancelled() or (crew.let_go and isinstance(done.exception(), BrokenProcessPool)):
            ticket.answer.cancel()
            ticket.answer.set_running_or_notify_cancel()  # whoever waits for it is told
            return
        error = done.exception()
        if not isinstance(error, BrokenProcessPool):
            ticket.answer.set_exception(error) if error else ticket.answer.set_result(done.result())
            return
        with self._lock:
            if self._crew is crew:
                self._crew = None
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
