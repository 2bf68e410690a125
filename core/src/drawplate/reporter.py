# SPDX-License-Identifier: Apache-2.0
"""How long work shows itself: as bars on a terminal, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from attrs import define, frozen

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID


class Progress(Protocol):
    """A bar that a long task moves."""

    def advance(self, amount: float = 1, text: str = "") -> None:
        """Move it on, and say what is being done."""


class Reporter(Protocol):
    """Shows bars."""

    def progress(self, label: str, total: float) -> AbstractContextManager[Progress]:
        """Show a bar while the ``with`` block runs."""


class Nothing:
    """A bar that nobody sees."""

    def advance(self, amount: float = 1, text: str = "") -> None:
        """Show nothing."""


@frozen
class SilentReporter:
    """For worker processes, tests and ``--json``."""

    @contextmanager
    def progress(self, label: str, total: float) -> Iterator[Progress]:  # noqa: ARG002
        """Show nothing."""
        yield Nothing()


@frozen
class _Bar:
    bars: RichProgress
    task: TaskID

    def advance(self, amount: float = 1, text: str = "") -> None:
        if text:
            self.bars.update(self.task, text=text)
        self.bars.advance(self.task, amount)


@define
class TerminalReporter:
    """Bars by rich; one that starts inside another is shown below it."""

    console: Console
    _bars: RichProgress | None = None
    _depth: int = 0

    @contextmanager
    def progress(self, label: str, total: float) -> Iterator[Progress]:
        """Show a bar with elapsed and remaining time."""
        bars = self._bars or self._make()
        if not self._depth:
            bars.start()
        self._depth += 1
        task = bars.add_task(label, total=total, text="")
        try:
            yield _Bar(bars, task)
        finally:
            self._depth -= 1
            bars.remove_task(task)
            if not self._depth:
                bars.stop()
                self._bars = None

    def _make(self) -> RichProgress:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Remaining

        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[text]}", markup=False),
            TimeElapsedColumn(),
            Remaining(),
            console=self.console,
            transient=True,
        )
        return self._bars
