# SPDX-License-Identifier: Apache-2.0
"""What a tool is, as a plugin's ``tools`` hook says it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import frozen


@frozen(kw_only=True)
class ToolSpec:
    """A program that some step needs."""

    name: str
    summary: str
    """One line for ``drawplate doctor``."""


@frozen(kw_only=True)
class PythonTool(ToolSpec):
    """A Python environment of its own, with a worker in it."""

    python: str
    """Versions of Python that will do, e.g. ``>=3.9,<3.10``."""
    lock: Path
    """Requirements file that pins everything; nothing else is installed."""
    worker: Path
    """Python file whose top-level functions answer calls."""


@frozen(kw_only=True)
class HostTool(ToolSpec):
    """A worker in drawplate's own Python, for a package that may hang or take its process down with it."""

    package: str
    """Import name of the package that the worker needs."""
    worker: Path
    """Python file whose top-level functions answer calls."""
    hint: str
    """How to get the package."""


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
class SystemTool(ToolSpec):
    """Programs of the system."""

    commands: tuple[str, ...]
    """Programs, all of which have to be on PATH."""
    hint: str
    """How to get them."""
