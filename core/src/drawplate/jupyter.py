# SPDX-License-Identifier: Apache-2.0
"""Bars in a notebook: plain HTML that needs no widgets, one line each, gone when the work is done."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field, frozen

from drawplate.reporter import Progress

EVERY = 0.2
"""Seconds between two pictures of a bar."""


@define
class _Bar:
    label: str
    total: float
    handle: Any
    started: float = field(factory=time.monotonic)
    done: float = 0.0
    text: str = ""
    shown: float = 0.0

    def advance(self, amount: float = 1, text: str = "") -> None:
        self.done, self.text = self.done + amount, text or self.text
        if time.monotonic() - self.shown > EVERY:
            self.show()

    def show(self) -> None:
        self.shown = time.monotonic()
        self.handle.update(_html(drawn(self.label, self.done, self.total, self.shown - self.started, self.text)))


def drawn(label: str, done: float, total: float, seconds: float, text: str = "") -> str:
    """Return a bar with the time taken and the time left."""
    left = f", {_clock(seconds / done * (total - done))} left" if done and done < total else ""
    words = f"{done:g} of {total:g}{f', {text}' if text else ''}; {_clock(seconds)}{left}"
    return (
        f"<div>{html.escape(label)} "
        f'<progress value="{min(done, total):g}" max="{max(total, 1):g}">{done:g} of {total:g}</progress> '
        f"{html.escape(words)}</div>"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _html(text: str) -> Any:
    from IPython import display

    return display.HTML(text)  # type: ignore[no-untyped-call]


@frozen
class NotebookReporter:
    """Shows bars in the output of a cell; one that starts inside another is shown below it."""

    @contextmanager
    def progress(self, label: str, total: float) -> Iterator[Progress]:
        """Show a bar with elapsed and remaining time."""
        from IPython import display

        bar = _Bar(label, total, display.display(_html(""), display_id=True))  # type: ignore[no-untyped-call]
        bar.show()
        try:
            yield bar
        finally:
            bar.handle.update(_html(""))
