# SPDX-License-Identifier: Apache-2.0
"""What one step sends to the worker processes of this machine."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Self, TypeVar

from attrs import define, field

from drawplate.executor.call import Parcel, Place
from drawplate.executor.workers import Ticket, Workers
from drawplate.job import Job

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@define
class ProcessPool:
    """What one step sends to workers."""

    place: Place
    workers: Workers
    _open: set[Ticket] = field(factory=set)
    """Tickets of items that are not answered; a finished one is dropped with its item."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Give up what was not begun, and wait for the rest; after an error, end the workers in the middle of it."""
        for ticket in tuple(self._open):
            ticket.sent.cancel()
        if kind is not None:
            self.workers.close(wait=False)
        else:
            wait([ticket.answer for ticket in tuple(self._open)])

    def submit(self, function: Callable[[Job, Item], Answer], item: Item) -> Future[Answer]:
        """Send one item to the workers."""
        ticket = Ticket(function.__name__, Parcel.of(self.place, function, item))
        self._open.add(ticket)
        ticket.answer.add_done_callback(lambda _: self._open.discard(ticket))
        self.workers.send(ticket)
        return ticket.answer
