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
from pathlib import Path
from typing import IO, Any

from attrs import define, field

from drawplate.errors import DrawplateError, StepFailed, ToolMissing
from drawplate.toolenv.environment import make
from drawplate.toolenv.spec import HostTool, PythonTool, ToolSpec
from drawplate.toolenv.status import status

_SERVE = Path(__file__).with_name("serve.py")
_TAIL = 2000


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
    _process: subprocess.Popen[str] | None = None
    _answers: queue.Queue[str | None] = field(factory=queue.Queue)
    _log: IO[str] | None = None
    _count: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def call(self, function: str, *, timeout: float | None = None, **arguments: Any) -> Any:
        """Call a function of the worker file.

        Args:
            function: its name.
            timeout: seconds to wait; None waits for ever.
            arguments: JSON values.

        Raises:
            DrawplateError: what the function raised as ``UserError``.
            StepFailed: when it raised anything else, died, did not answer in time or answered nonsense; the next
                call starts a new worker.
        """
        with self._lock:
            process = self._running()
            self._count += 1
            request = {"id": self._count, "function": function, "arguments": arguments}
            try:
                assert process.stdin is not None
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
            except OSError:
                raise self._lost(function, "died") from None
            return self._value(function, self._receive(function, timeout))

    def _receive(self, function: str, timeout: float | None) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=timeout)
        except queue.Empty:
            raise self._lost(function, f"did not answer within {timeout:g} s") from None
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

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._start(_python(self.spec))
        assert self._process is not None
        return self._process

    def _start(self, python: Path) -> None:
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by close
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
        self._process = subprocess.Popen(
            [str(python), "-u", str(_SERVE), str(self.spec.worker)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=environment,
        )
        self._answers = queue.Queue()
        threading.Thread(target=_pump, args=(self._process.stdout, self._answers), daemon=True).start()

    def _lost(self, function: str, what: str) -> StepFailed:
        process, tail = self._process, ""
        if process is not None:
            process.kill()
            process.wait()
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
        process, self._process = self._process, None
        if process is not None:
            if process.stdin:
                process.stdin.close()  # the worker leaves when its input ends, also when this process is killed
            try:
                process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
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
