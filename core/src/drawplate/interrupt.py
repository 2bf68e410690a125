# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C, and other polite requests to end: work in progress is written down, then the process ends."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Final, NoReturn

REQUESTS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupted(KeyboardInterrupt):
    """A request to end from outside; a plain ``KeyboardInterrupt`` may have been raised by anybody's code."""


def stop_politely() -> None:
    """Have requests to end raise :class:`Interrupted` in the main thread; one that is ignored stays so (``nohup``)."""
    if threading.current_thread() is threading.main_thread():
        for request in REQUESTS:
            if signal.getsignal(request) is not signal.SIG_IGN:
                signal.signal(request, _stop)


def is_from_outside(error: BaseException) -> bool:
    """Whether an exception stands for a request to end, and not for something that a plugin did."""
    if signal.getsignal(signal.SIGINT) is _stop:
        return isinstance(error, Interrupted)
    return isinstance(error, KeyboardInterrupt)  # somebody else's program: it may be Ctrl-C


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted(signal.Signals(number).name)
