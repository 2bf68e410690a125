# SPDX-License-Identifier: Apache-2.0
"""Starting a program that ends with this process, however that ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from attrs import define

from drawplate.processes.scratch import scratch_root

_KEEPER: Final = Path(__file__).with_name("keeper.py")
_GRACE: Final = 3.0
"""Seconds in which a keeper has to have killed everything."""


@define(eq=False)
class Child:
    """A program, and the pipe whose end is its end."""

    process: subprocess.Popen[str]
    """Its keeper, which ends as the program does; see ``keeper.py``."""
    _lifeline: int | None

    def end(self) -> None:
        """Kill the program and everything that it has started."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None
        else:
            self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=_GRACE)
        if self.process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def leave(self, seconds: float) -> None:
        """Close the program's input, and kill it if it has not left soon after."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if self.process.stdin is not None:
                self.process.stdin.close()
            self.process.wait(timeout=seconds)
        self.end()

    def ended(self) -> None:
        """Let go of the pipe of a program that has ended by itself."""
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


def start(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int | IO[str] = subprocess.DEVNULL,
    stdout: int | IO[str] = subprocess.PIPE,
    stderr: int | IO[str] = subprocess.PIPE,
) -> Child:
    """Start a program; its temporary files lie in our scratch folder.

    A Ctrl-C does not reach it: what becomes of it is this process's to decide.

    Args:
        command: program and arguments.
        folder: where it runs.
        environment: instead of this process's.
        stdin: as :class:`subprocess.Popen` takes it.
        stdout: the same.
        stderr: the same.
    """
    given = dict(os.environ if environment is None else environment) | {"TMPDIR": str(scratch_root())}
    words = [str(word) for word in command]
    if os.name == "nt":  # no process groups, and nothing to watch a pipe with
        return Child(
            subprocess.Popen(words, cwd=folder, env=given, stdin=stdin, stdout=stdout, stderr=stderr, text=True), None
        )
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_KEEPER), str(reading), *words],
            cwd=folder,
            env=given,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            errors="replace",
            pass_fds=(reading,),
            start_new_session=True,
        )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    return Child(process, writing)
