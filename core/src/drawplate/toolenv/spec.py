# SPDX-License-Identifier: Apache-2.0
"""What a tool is, as a plugin's ``tools`` hook says it."""

from __future__ import annotations

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
class SystemTool(ToolSpec):
    """Programs of the system."""

    commands: tuple[str, ...]
    """Programs, all of which have to be on PATH."""
    hint: str
    """How to get them."""
