# SPDX-License-Identifier: Apache-2.0
"""Finding a Python of a given version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from packaging.specifiers import SpecifierSet

from drawplate.errors import ToolMissing, ToolTimeout
from drawplate.processes import run
from drawplate.toolenv.spec import PythonTool

_MINORS = tuple(range(20, 5, -1))


def variable(tool: PythonTool) -> str:
    """Name of the environment variable that names a tool's Python."""
    return f"DRAWPLATE_TOOL_{tool.name.upper().replace('-', '_')}_PYTHON"


def find_python(tool: PythonTool) -> str:
    """Return a Python that will do: the one that the environment names, one on PATH, one of pyenv's, or one of uv's.

    Raises:
        ToolMissing: when there is none; says what was looked for.
    """
    given = os.environ.get(variable(tool))
    wanted = SpecifierSet(tool.python)
    if given:
        if _version(given) is None or not wanted.contains(_version(given) or "0"):
            raise ToolMissing(
                f"{variable(tool)} names {given}, which is Python {_version(given)}",
                where=f"tool {tool.name}",
                allowed=f"Python {tool.python}",
            )
        return given
    for candidate in _candidates():
        version = _version(candidate)
        if version is not None and wanted.contains(version):
            return candidate
    return _from_uv(tool)


def _candidates() -> Iterator[str]:
    for minor in _MINORS:
        yield f"python3.{minor}"
    root = Path(os.environ.get("PYENV_ROOT") or "~/.pyenv").expanduser() / "versions"
    yield from (str(path) for path in sorted(root.glob("*/bin/python"), reverse=True))


def _version(python: str) -> str | None:
    program = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    try:
        done = run([python, "-c", program], seconds=20, where=python)
    except (OSError, ToolTimeout):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _from_uv(tool: PythonTool) -> str:
    from uv import find_uv_bin

    done = run([find_uv_bin(), "python", "find", tool.python], seconds=60, where=f"tool {tool.name}")
    if done.returncode == 0:
        return done.stdout.strip()
    raise ToolMissing(
        f"no Python {tool.python} is found",
        where=f"tool {tool.name}",
        allowed="on PATH, among pyenv's versions, or among uv's",
        hint=f"uv python install '{tool.python}', or set {variable(tool)} to one",
    )
