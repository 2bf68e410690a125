# SPDX-License-Identifier: Apache-2.0
"""Worker processes with a time limit per network: what takes longer hangs, and its worker is replaced."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import tempfile
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from attrs import define, field, frozen

from differential.spec import Network, from_json, to_json
from differential.verdict import Verdict

START = 120.0
"""Seconds that a worker has for its first network beside the limit: imports, and the start of the lowering tool."""


@frozen
class Case:
    """One network to judge."""

    number: int
    network: Network
    foldings: int = 0


@define
class Worker:
    """One process that judges networks, started anew when it hangs or dies."""

    limit: float
    _folder: tempfile.TemporaryDirectory[str] = field(factory=lambda: tempfile.TemporaryDirectory(prefix="drawplate-"))
    _process: multiprocessing.process.BaseProcess | None = None
    _ends: Connection | None = None

    def judge(self, network: Network, foldings: int = 0) -> Verdict:
        """Judge a network; a hang or a lost process is a finding."""
        limit = self.limit
        if self._process is None:
            self._start()
            limit += START
        assert self._ends is not None
        self._ends.send((to_json(network), foldings))
        if not self._ends.poll(limit):
            self.close()
            return Verdict(outcome="finding", stage="hang", message=f"no answer within {limit:g} s", seconds=limit)
        try:
            found: Verdict = self._ends.recv()
        except EOFError:
            self.close()
            return Verdict(outcome="finding", stage="died", message="the process ended")
        return found

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._ends, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._folder.name), daemon=True)
        self._process.start()
        other.close()

    def close(self) -> None:
        """End the process and whatever it has started."""
        process, self._process = self._process, None
        if process is not None and process.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._folder.cleanup()


def judged(cases: Iterator[Case], workers: int, limit: float) -> Iterator[tuple[Case, Verdict]]:
    """Judge networks in worker processes, in any order.

    Args:
        cases: what to judge.
        workers: how many processes.
        limit: seconds per network.
    """
    taking, answers = threading.Lock(), queue.Queue[tuple[Case, Verdict] | None]()

    def work() -> None:
        with Worker(limit) as worker:
            while True:
                with taking:
                    case = next(cases, None)
                if case is None:
                    break
                answers.put((case, worker.judge(case.network, case.foldings)))
        answers.put(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for _ in threads:
        yield from iter(answers.get, None)


def _serve(ends: Connection, folder: str) -> None:
    os.setpgrp()  # so that a hung tool dies with its worker
    from differential.court import Court

    court = Court(Path(folder))
    while True:
        try:
            text, foldings = ends.recv()
        except EOFError:
            return
        ends.send(court.judge(from_json(text), foldings))
