# SPDX-License-Identifier: Apache-2.0
"""What goes to standard output and to standard error, and that it is text."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from drawplate.report.text import visible

if TYPE_CHECKING:
    from rich.console import Console


def say(message: str) -> None:
    """Write a message to standard error."""
    sys.stderr.write(visible(message) + "\n")


def console(*, stderr: bool = False) -> Console:
    """Make the console."""
    from drawplate.report.console import make_console

    return make_console(stderr=stderr)


class _Warnings(logging.StreamHandler[TextIO]):
    def format(self, record: logging.LogRecord) -> str:
        return visible(f"warning: {record.getMessage()}")


def show_warnings() -> None:
    """Have what is logged as a warning appear on standard error."""
    handler = _Warnings(sys.stderr)
    handler.setLevel(logging.WARNING)
    logging.getLogger("drawplate").addHandler(handler)


def own_stdout() -> TextIO:
    """Return standard output, claimed or not."""
    return sys.stdout.own if isinstance(sys.stdout, _ForOthers) else sys.stdout


def print_json(value: Any) -> None:
    """Print a JSON value to standard output."""
    from drawplate.store.plain import plain

    file = own_stdout()
    file.write(json.dumps(plain(value), indent=1, sort_keys=True, default=str, allow_nan=False) + "\n")
    file.flush()


class _ForOthers:
    """Standard output once it is ours alone: what others print goes to standard error."""

    def __init__(self, own: TextIO) -> None:
        self.own = own

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


def claim_stdout(wanted: bool | None) -> bool | None:
    """Keep standard output for one JSON value, whatever plugins, their libraries and their processes print."""
    if wanted and not isinstance(sys.stdout, _ForOthers):
        own = sys.stdout
        own.flush()
        try:
            descriptor = own.fileno()
        except (OSError, ValueError):  # it is no file: a test's, a notebook's
            descriptor = -1
        if descriptor == 1:
            own = os.fdopen(os.dup(1), "w", encoding="utf-8")
            os.dup2(2, 1)
        sys.stdout = _ForOthers(own)
    return wanted
