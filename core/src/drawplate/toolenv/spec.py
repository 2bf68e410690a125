# SPDX-License-Identifier: Apache-2.0
"""What a tool is, as a plugin's ``tools`` hook says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen


@frozen(kw_only=True)
class ToolSpec:
    """A program that some step needs."""

    name: str
    summary: str
    """One line for ``drawplate doctor``."""


class Caller(Protocol):
    """Calls a function of a worker."""

    def __call__(self, function: str, **arguments: Any) -> Any:
        """See :meth:`drawplate.toolenv.Tool.call`."""


Asks = Callable[[Caller, Path], Iterable[float]]
"""Asks a worker for the first output of :func:`drawplate.known.network`; files go into the folder."""


@frozen(kw_only=True)
class PythonTool(ToolSpec):
    """A Python environment of its own, with a worker in it."""

    python: str
    """Versions of Python that will do, e.g. ``>=3.9,<3.10``."""
    lock: Path
    """Requirements file that pins everything; nothing else is installed."""
    worker: Path
    """Python file whose top-level functions answer calls."""
    question: Asks | None = None
    """How a worker that computes is asked what is known, before it is believed."""


@frozen(kw_only=True)
class HostTool(ToolSpec):
    """A worker in drawplate's own Python, for a package that may hang or take its process down with it."""

    package: str
    """Import name of the package that the worker needs."""
    worker: Path
    """Python file whose top-level functions answer calls."""
    hint: str
    """How to get the package."""
    question: Asks | None = None
    """How a worker that computes is asked what is known, before it is believed."""


@frozen(kw_only=True)
class Status:
    """Whether a tool is there."""

    found: bool
    details: str
    next: str = ""
    """The one thing to do where it is not."""


@frozen(kw_only=True)
class DeviceTool(ToolSpec):
    """A device that some step can use."""

    look: Callable[[], Status]
    """Look whether it is attached; takes no more than a moment and changes nothing."""


@frozen(kw_only=True)
class Library(ToolSpec):
    """A package that computes in drawplate's own process."""

    package: str
    """Its import name; the distribution has the same."""
    check: Callable[[], None]
    """Ask it what is known; raises :class:`drawplate.errors.ToolWrong`."""
    hint: str
    """How to get it."""


@frozen(kw_only=True)
class SystemTool(ToolSpec):
    """Programs of the system."""

    commands: tuple[str, ...]
    """Programs, all of which have to be on PATH."""
    hint: str
    """How to get them."""
