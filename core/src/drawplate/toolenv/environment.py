# SPDX-License-Identifier: Apache-2.0
"""Making a tool's environment: once per lock and Python, complete or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from drawplate.data.find import cache_folder
from drawplate.errors import ToolMissing
from drawplate.processes import run
from drawplate.toolenv.interpreter import find_python
from drawplate.toolenv.spec import PythonTool

MINUTES = 30
_READY = "complete"


def environment_folder(tool: PythonTool) -> Path:
    """Return where a tool's environment lies, made or not."""
    key = hashlib.sha256(tool.lock.read_bytes() + tool.python.encode()).hexdigest()[:16]
    return cache_folder() / "tools" / f"{tool.name}-{key}"


def environment_python(tool: PythonTool) -> Path:
    """Return the Python of a tool's environment, made or not."""
    folder = environment_folder(tool)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_made(tool: PythonTool) -> bool:
    """Whether a tool's environment is complete."""
    return (environment_folder(tool) / _READY).is_file()


def make(tool: PythonTool) -> Path:
    """Make a tool's environment unless it is there, and return its Python.

    Raises:
        ToolMissing: when no Python fits, or the packages cannot be installed.
    """
    from filelock import FileLock

    folder = environment_folder(tool)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f"{folder.name}.lock"):
        if not is_made(tool):
            shutil.rmtree(folder, ignore_errors=True)  # left over from a kill
            _install(tool, folder, find_python(tool))
            (folder / _READY).touch()
    return environment_python(tool)


def _install(tool: PythonTool, folder: Path, python: str) -> None:
    from uv import find_uv_bin

    uv = find_uv_bin()
    _run(tool, [uv, "venv", "--quiet", "--no-project", "--python", python, str(folder)])
    _run(
        tool,
        [uv, "pip", "install", "--quiet", "--no-deps", "--python", str(environment_python(tool)), "-r", str(tool.lock)],
    )


def _run(tool: PythonTool, command: list[str]) -> None:
    done = run(command, seconds=60 * MINUTES, where=f"tool {tool.name}", environment=_environment())
    if done.returncode:
        raise ToolMissing(
            f"its environment cannot be made: {done.stderr.strip()[-800:]}",
            where=f"tool {tool.name}",
            hint="check the network and the package index, then run drawplate doctor --fix",
        )


def _environment() -> dict[str, str]:
    """Hand pip's settings to uv, which does not read them."""
    environment = dict(os.environ)
    for pip, uv in (
        ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
        ("PIP_EXTRA_INDEX_URL", "UV_INDEX"),
        ("PIP_FIND_LINKS", "UV_FIND_LINKS"),
        ("PIP_CERT", "SSL_CERT_FILE"),
    ):
        if pip in environment:
            environment.setdefault(uv, environment[pip])
    environment.setdefault("UV_HTTP_TIMEOUT", "180")
    return environment
