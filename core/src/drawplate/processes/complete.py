# SPDX-License-Identifier: Apache-2.0
"""Running a program to its end."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from drawplate.processes.child import start
from drawplate.processes.limits import limit, too_late

_TAIL = 8000
TICK = 0.5
"""Seconds between two looks at how far a program is."""


@frozen(kw_only=True)
class Done:
    """A program that has ended."""

    returncode: int
    """Negative after a signal, as :mod:`subprocess` has it."""
    stdout: str
    stderr: str


def run(
    command: Sequence[str | Path],
    *,
    seconds: float,
    where: str,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    during: Callable[[], None] | None = None,
) -> Done:
    """Run a program to its end; it ends with this process, and so does all that it starts.

    Args:
        command: program and arguments.
        seconds: how long it may take, unless ``DRAWPLATE_TOOL_SECONDS`` says otherwise.
        where: what it is for, as messages say it.
        folder: where it runs.
        environment: instead of this process's.
        during: called twice a second while it runs, to show how far it is; what it raises ends the program.

    Raises:
        ToolTimeout: when it takes longer.
        OSError: when it cannot be started.
    """
    allowed = limit(seconds)
    child = start(command, folder=folder, environment=environment)
    try:
        stdout, stderr = _communicate(child.process, allowed, during)
    except subprocess.TimeoutExpired:
        child.end()
        stdout, stderr = child.process.communicate()
        late = too_late(f"{Path(command[0]).name} did not end", allowed, where)
        late.traceback = (stdout + stderr)[-_TAIL:]
        raise late from None
    except BaseException:
        child.end()
        raise
    child.ended()
    return Done(returncode=child.process.returncode, stdout=stdout, stderr=stderr)


def _communicate(
    process: subprocess.Popen[str], seconds: float | None, during: Callable[[], None] | None
) -> tuple[str, str]:
    """Wait for a program to end.

    Raises:
        TimeoutExpired: when it takes longer.
    """
    if during is None:
        return process.communicate(timeout=seconds)
    end = time.monotonic() + (float("inf") if seconds is None else seconds)
    while True:
        left = end - time.monotonic()
        try:
            return process.communicate(timeout=max(0.0, min(TICK, left)))
        except subprocess.TimeoutExpired:
            if left <= TICK:
                raise
            during()
