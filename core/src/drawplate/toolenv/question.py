# SPDX-License-Identifier: Apache-2.0
"""Asking tools what is known."""

from __future__ import annotations

import attrs

from drawplate.errors import DrawplateError
from drawplate.known import RIGHT
from drawplate.toolenv.spec import HostTool, Library, PythonTool, Status, ToolSpec
from drawplate.toolenv.status import status
from drawplate.toolenv.tool import start


def examined(tool: ToolSpec) -> Status:
    """Look for a tool, and ask it what is known if it computes and is there; makes nothing, may take seconds."""
    state = status(tool)
    if not state.found or not isinstance(tool, PythonTool | HostTool | Library):
        return state
    if not isinstance(tool, Library) and tool.question is None:
        return state
    try:
        _ask(tool)
    except DrawplateError as error:
        return Status(found=False, details=f"{state.details}; {error.what}", next=error.hint or "")
    return attrs.evolve(state, details=f"{state.details}; {RIGHT}")


def _ask(tool: PythonTool | HostTool | Library) -> None:
    if isinstance(tool, Library):
        tool.check()
        return
    worker = start(tool)
    try:
        worker.open()
    finally:
        worker.close()
