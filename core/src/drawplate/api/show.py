# SPDX-License-Identifier: Apache-2.0
"""What work shows of itself in Python: bars in a terminal or a notebook, and a few lines after each step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from drawplate.report.console import make_console
from drawplate.reporter import Reporter, SilentReporter, TerminalReporter

if TYPE_CHECKING:
    from drawplate.flow.run import Tell


def reporter(*, quiet: bool) -> Reporter:
    """Return what shows bars here: a notebook's own, a terminal's on standard error, or nobody."""
    if quiet:
        return SilentReporter()
    if in_notebook():
        from drawplate.jupyter import NotebookReporter

        return NotebookReporter()
    return TerminalReporter(make_console(stderr=True))


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this process."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def tell_step(*, quiet: bool) -> Tell:
    """Return what is called after each step: it prints what the step gave."""
    from drawplate.report.terminal import step_lines

    def tell(step: object, result: object) -> None:
        if not quiet:
            screen = make_console(stderr=False)
            for line in step_lines(step, result):  # type: ignore[arg-type]
                screen.print(line)

    return tell


def tell_lines(*, quiet: bool) -> Callable[[str], None]:
    """Return what prints a line."""

    def tell(line: str) -> None:
        if not quiet:
            make_console(stderr=False).print(line)

    return tell
