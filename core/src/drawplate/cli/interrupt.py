# SPDX-License-Identifier: Apache-2.0
"""A request to end ends the process within seconds, whatever it is at."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator

from drawplate.cli.output import say
from drawplate.interrupt import REQUESTS

INTERRUPTED = 130
"""Exit status, as shells have it: 128 + SIGINT."""
MESSAGE = "interrupted; run the same command again to go on"
GRACE = 10.0
"""Seconds in which everything has to have been put away."""


@contextlib.contextmanager
def heeding(grace: float = GRACE) -> Iterator[Callable[[], bool]]:
    """See to it that the process ends after a Ctrl-C, beside whatever the signal's handler does.

    What a library computes in C is not interrupted, and an exception that is raised in a callback gets lost: when the
    process is still there some seconds later, or at the second Ctrl-C, it ends at once.  Child processes end with it,
    and what it has written is complete or not there.

    Yields:
        whether an end was asked for: what a library makes of an interrupt in its middle is no fault of ours.
    """
    if threading.current_thread() is not threading.main_thread() or os.name == "nt":
        yield lambda: False
        return
    watch = _Watch(grace)
    before = signal.set_wakeup_fd(watch.writing, warn_on_full_buffer=False)
    watch.start()
    try:
        yield lambda: watch.requests > 0
    finally:
        if not watch.requests:
            signal.set_wakeup_fd(before)
            os.close(watch.writing)


class _Watch(threading.Thread):
    """Sees a signal's number as soon as it arrives, not only when the main thread is back from a library."""

    def __init__(self, grace: float) -> None:
        super().__init__(daemon=True)
        self.grace = grace
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.writing, False)
        self.requests = 0

    def run(self) -> None:
        import select

        while True:
            ready, _, _ = select.select([self.reading], [], [], self.grace if self.requests else None)
            numbers = os.read(self.reading, 64) if ready else b""
            if ready and not numbers:  # nobody heeds any more
                os.close(self.reading)
                return
            self.requests += sum(number in REQUESTS for number in numbers)
            if self.requests > 1 or (self.requests and not ready):
                say(MESSAGE)
                os._exit(INTERRUPTED)
