# SPDX-License-Identifier: Apache-2.0
"""Stands between a process and a program that it started, and ends the program when the process is gone.

Usage: ``python -I -S keeper.py LIFELINE PROGRAM [ARGUMENT ...]``.  LIFELINE is the reading end of a pipe whose other
end only the parent holds: when it closes, by the parent's will or by its death, the program and everything that it has
started are killed.  Otherwise this ends as the program does.  Nothing but built-in modules: it starts in some 15 ms.
"""
# ruff: noqa: PTH123, PTH208 - pathlib takes as long to import as all the rest

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # <linux/prctl.h>
NOT_FOUND = 127
ROUNDS = 200


def main(lifeline: int, command: list[str]) -> None:
    """Run a program until it ends, or the lifeline does."""
    prctl = _prctl()
    prctl(PR_SET_CHILD_SUBREAPER, 1)  # what loses its parent becomes ours, and is found
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    program = os.fork()
    if program == 0:
        _become(command, prctl)
    for descriptor in (0, 1):  # the program's own; whoever reads it sees its end when the program ends
        os.close(descriptor)
    status = None
    while status is None:
        ready, _, _ = select.select([lifeline, awake], [], [])
        if lifeline in ready:
            break
        os.read(awake, 512)
        status = _reap().get(program)
    _kill_descendants()
    _end_like(status)


def _prctl() -> Callable[[int, int], object]:
    if not sys.platform.startswith("linux"):
        return lambda _option, _value: None
    import ctypes

    call = ctypes.CDLL(None).prctl
    return lambda option, value: call(option, value, 0, 0, 0)


def _become(command: list[str], prctl: Callable[[int, int], object]) -> None:
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        keeper = os.getppid()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == keeper:  # it may have died before
            os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(NOT_FOUND)


def _reap() -> dict[int, int]:
    """Take leave of all children that have ended; return their statuses."""
    found = {}
    with contextlib.suppress(ChildProcessError):
        process, status = os.waitpid(-1, os.WNOHANG)
        while process:
            found[process] = status
            process, status = os.waitpid(-1, os.WNOHANG)
    return found


def _kill_descendants() -> None:
    for _ in range(ROUNDS):  # while they are killed they may start others
        family = _descendants(os.getpid())
        if not family:
            return
        for process in family:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.005)
        _reap()


def _descendants(root: int) -> set[int]:
    """All processes below one, as Linux tells; elsewhere those of the group go with us."""
    parents = {}
    names = os.listdir("/proc") if sys.platform.startswith("linux") else []
    for name in filter(str.isdigit, names):
        with contextlib.suppress(OSError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
            parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
    family: set[int] = set()
    more = {child for child, parent in parents.items() if parent == root}
    while more:
        family |= more
        more = {child for child, parent in parents.items() if parent in more} - family
    return family


def _end_like(status: int | None) -> None:
    if status is None:
        os.killpg(0, signal.SIGKILL)  # ourselves, and whoever is left of our group
        return
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError):  # SIGKILL cannot be set
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
