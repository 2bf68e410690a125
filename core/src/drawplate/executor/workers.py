# SPDX-License-Identifier: Apache-2.0
"""Worker processes on this machine."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from concurrent.futures import Future, InvalidStateError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from attrs import define, field

from drawplate.errors import StepFailed
from drawplate.executor.call import ATTEMPTS, Parcel, start_worker
from drawplate.executor.leash import Leash, shielded, without_script
from drawplate.processes import scratch_root


@define(eq=False)
class Ticket:
    """An item on its way, and the answer to it."""

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
    _sent: set[Future[Any]] = field(factory=set)
    """What was submitted and is not done."""
    _manager: threading.Thread | None = None
    """The executor's own thread, which finishes what is submitted."""

    @classmethod
    def of(cls, count: int) -> _Crew:
        """Have so many workers, each started when it is first needed."""
        leash, spawn = Leash(), multiprocessing.get_context("spawn")
        arguments = (leash.end, scratch_root())
        return cls(ProcessPoolExecutor(count, spawn, initializer=start_worker, initargs=arguments), leash)

    def submit(self, parcel: Parcel) -> Future[Any]:
        with shielded(), without_script():
            sent = self.pool.submit(parcel.carry_out)
        self._sent.add(sent)
        sent.add_done_callback(self._sent.discard)
        if self._manager is None:
            manager: Any = self.pool._executor_manager_thread  # noqa: SLF001 - nothing else tells that it has ended
            self._manager = manager
            threading.Thread(target=self._watch, daemon=True).start()
        elif not self._manager.is_alive():
            self._fail_the_rest()
        return sent

    def _watch(self) -> None:
        """Fail what the executor forgets.

        Where a worker dies while something is submitted, its thread may end without having seen that, or in the middle
        of its list of what has to fail, and nobody would ever be told.
        """
        assert self._manager is not None
        self._manager.join()
        self._fail_the_rest()

    def _fail_the_rest(self) -> None:
        for sent in tuple(self._sent):
            with contextlib.suppress(InvalidStateError):  # it was cancelled, or the other thread was quicker
                sent.set_exception(BrokenProcessPool("a worker process died"))

    def close(self, *, wait: bool) -> None:
        self.let_go = not wait
        if not wait:
            self.leash.let_go()
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.leash.let_go()


@define
class Workers:
    """Worker processes that the steps of a session use one after the other: they start, and import torch, once.

    They are started when the first item is sent, and made anew when one of them dies.
    """

    count: int
    _crew: _Crew | None = None
    _lock: threading.RLock = field(factory=threading.RLock)

    def send(self, ticket: Ticket) -> None:
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

    def _finish(self, ticket: Ticket, done: Future[Any], crew: _Crew) -> None:
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
            try:
                self.send(ticket)
            except Exception as failed:  # noqa: BLE001 - nobody sees what a callback raises, and somebody waits
                ticket.answer.set_exception(failed)
        else:
            ticket.answer.set_exception(
                StepFailed(
                    f"its worker process died {ATTEMPTS} times",
                    where=f"{ticket.parcel.place.step}, {ticket.name}",
                    hint="memory may have run out: use fewer workers; a script of your own starts its work below "
                    "if __name__ == '__main__'",
                )
            )
