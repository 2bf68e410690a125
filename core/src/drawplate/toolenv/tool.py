# SPDX-License-Identifier: Apache-2.0
"""A running tool."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from attrs import define, field

from drawplate.errors import DrawplateError, StepFailed, ToolMissing
from drawplate.known import ANSWER, wrong
from drawplate.processes import Child, limit, scratch
from drawplate.processes import start as start_child
from drawplate.processes.limits import too_late
from drawplate.toolenv.environment import make
from drawplate.toolenv.spec import HostTool, PythonTool, ToolSpec
from drawplate.toolenv.status import status

_SERVE = Path(__file__).with_name("serve.py")
_TAIL = 2000
SECONDS = 1800.0
"""What a call may take where it does not say."""
LEAVING = 2.0
"""Seconds that a worker has to close what it holds, e.g. a device."""


def start(spec: ToolSpec) -> Tool:
    """Return a tool that can be called; its environment is made, and its worker started, on the first call.

    Raises:
        ToolMissing: for a tool that has no worker.
    """
    if not isinstance(spec, PythonTool | HostTool):
        raise ToolMissing("is a program, it answers no calls", where=f"tool {spec.name}")
    return Tool(spec)


@define(eq=False)
class Tool:
    """One worker process, most often in an environment of its own.  Calls from several threads wait for each other."""

    spec: PythonTool | HostTool
    _child: Child | None = None
    _answers: queue.Queue[str | None] = field(factory=queue.Queue)
    _log: IO[str] | None = None
    _count: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def call(self, function: str, *, timeout: float = SECONDS, **arguments: Any) -> Any:
        """Call a function of the worker file.

        Args:
            function: its name.
            timeout: seconds to wait, unless ``DRAWPLATE_TOOL_SECONDS`` says otherwise.
            arguments: JSON values.

        Raises:
            DrawplateError: what the function raised as ``UserError``.
            ToolTimeout: when it did not answer in time.
            StepFailed: when it raised anything else, died or answered nonsense; the next call starts a new worker.
        """
        with self._lock:
            self._open()
            return self._exchange(function, timeout, arguments)

    def open(self) -> None:
        """Start the worker, and ask it what is known; a call does so by itself.

        Raises:
            ToolWrong: when it computes wrongly here.
        """
        with self._lock:
            self._open()

    def _exchange(self, function: str, timeout: float, arguments: Mapping[str, Any]) -> Any:
        allowed = limit(timeout)
        assert self._child is not None
        stdin = self._child.process.stdin
        self._count += 1
        request = {"id": self._count, "function": function, "arguments": arguments}
        try:
            assert stdin is not None
            stdin.write(json.dumps(request) + "\n")
            stdin.flush()
            answer = self._receive(function, allowed)
        except OSError:
            raise self._lost(function, "died") from None
        except KeyboardInterrupt:
            self._lost(function, "was interrupted")
            raise
        return self._value(function, answer)

    def _receive(self, function: str, seconds: float) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            late = too_late("the worker did not answer", seconds, f"tool {self.spec.name}, {function}")
            late.traceback = self._lost(function, "was late").traceback
            raise late from None
        if line is None:
            raise self._lost(function, "died")
        answer = _parsed(line)
        if answer is None or answer.get("id") != self._count or not answer.keys() & {"value", "error"}:
            raise self._lost(function, f"answered nonsense: {line[:200]!r}")
        return answer

    def _value(self, function: str, answer: dict[str, Any]) -> Any:
        if "value" in answer:
            return answer["value"]
        error = answer["error"]
        if error["kind"] == "user":
            raise DrawplateError(error["what"], where=error["where"], allowed=error["allowed"], hint=error["hint"])
        failed = StepFailed(error["what"], where=f"tool {self.spec.name}, {function}")
        failed.traceback = error["traceback"]
        raise failed

    # the process --------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        if self._child is None or self._child.process.poll() is not None:
            self.close()
            self._start(_python(self.spec))
            try:
                self._ask()
            except BaseException:
                self.close()
                raise

    def _ask(self) -> None:
        if self.spec.question is None:
            return
        with scratch() as folder:
            answer = self.spec.question(lambda function, **given: self._exchange(function, SECONDS, given), folder)
        if tuple(answer) != ANSWER:
            raise wrong(f"tool {self.spec.name} ({self.spec.summary.partition(':')[0]})", answer)

    def _start(self, python: Path) -> None:
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by close
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
        self._child = start_child(
            [python, "-u", _SERVE, self.spec.worker],
            stdin=subprocess.PIPE,
            stderr=self._log,
            environment=environment,
        )
        self._answers = queue.Queue()
        threading.Thread(target=_pump, args=(self._child.process.stdout, self._answers), daemon=True).start()

    def _lost(self, function: str, what: str) -> StepFailed:
        tail = ""
        if self._child is not None:
            self._child.end()
        if self._log is not None:
            self._log.seek(0)
            tail = self._log.read()[-_TAIL:]
        self.close()
        failed = StepFailed(
            f"the worker {what}", where=f"tool {self.spec.name}, {function}", hint="the next call starts a new worker"
        )
        failed.traceback = tail
        return failed

    def close(self) -> None:
        """Stop the worker; a later call starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.leave(LEAVING)
        if self._log is not None:
            self._log.close()
            self._log = None


def _python(spec: PythonTool | HostTool) -> Path:
    """Return the Python of a worker, its environment made.

    Raises:
        ToolMissing: when it cannot be made, or the package is not installed.
    """
    if isinstance(spec, PythonTool):
        return make(spec)
    state = status(spec)
    if not state.found:
        raise ToolMissing(state.details, where=f"tool {spec.name}", hint=state.next)
    return Path(sys.executable)


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _pump(stream: IO[str] | None, answers: queue.Queue[str | None]) -> None:
    for line in stream or ():
        answers.put(line)
    answers.put(None)
