# SPDX-License-Identifier: Apache-2.0
"""Running a program to its end."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from drawplate.processes.child import start
from drawplate.processes.limits import limit, too_late

_TAIL = 8000


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
) -> Done:
    """Run a program to its end; it ends with this process, and so does all that it starts.

    Args:
        command: program and arguments.
        seconds: how long it may take, unless ``DRAWPLATE_TOOL_SECONDS`` says otherwise.
        where: what it is for, as messages say it.
        folder: where it runs.
        environment: instead of this process's.

    Raises:
        ToolTimeout: when it takes longer.
        OSError: when it cannot be started.
    """
    allowed = limit(seconds)
    child = start(command, folder=folder, environment=environment)
    try:
        stdout, stderr = child.process.communicate(timeout=allowed)
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
