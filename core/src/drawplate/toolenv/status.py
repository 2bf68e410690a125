# SPDX-License-Identifier: Apache-2.0
"""What ``drawplate doctor`` says of a tool."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import sysconfig

from drawplate.errors import ToolMissing
from drawplate.toolenv.environment import environment_folder, is_made
from drawplate.toolenv.interpreter import find_python
from drawplate.toolenv.spec import DeviceTool, HostTool, Library, PythonTool, Status, SystemTool, ToolSpec


def status(tool: ToolSpec) -> Status:
    """Look for a tool; makes nothing."""
    if isinstance(tool, SystemTool):
        return _system(tool)
    if isinstance(tool, DeviceTool):
        return tool.look()
    if isinstance(tool, HostTool | Library):
        return _package(tool)
    assert isinstance(tool, PythonTool)
    if is_made(tool):
        return Status(found=True, details=str(environment_folder(tool)))
    try:
        python = find_python(tool)
    except ToolMissing as error:
        return Status(found=False, details=error.what, next=error.hint or "")
    return Status(found=False, details=f"not made yet; would use {python}", next="drawplate doctor --fix")


def _package(tool: HostTool | Library) -> Status:
    if importlib.util.find_spec(tool.package) is None:
        return Status(found=False, details=f"{tool.package} is not installed", next=tool.hint)
    if isinstance(tool, Library):
        return Status(found=True, details=importlib.metadata.version(tool.package))
    return Status(found=True, details=tool.summary)


def _system(tool: SystemTool) -> Status:
    places = {command: find_command(command) for command in tool.commands}
    missing = [command for command, place in places.items() if place is None]
    if missing:
        return Status(found=False, details=f"{', '.join(missing)} not on PATH", next=tool.hint)
    return Status(found=True, details=", ".join(str(place) for place in places.values()))


def find_command(command: str) -> str | None:
    """Return where a program lies: beside this Python, as wheels install it, or on PATH."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    return shutil.which(command, path=path)
