# SPDX-License-Identifier: Apache-2.0
"""Tools that need a world of their own: made on demand, spoken to through one long-lived worker process."""

from drawplate.toolenv.environment import make
from drawplate.toolenv.question import examined
from drawplate.toolenv.spec import DeviceTool, HostTool, Library, PythonTool, Status, SystemTool, ToolSpec
from drawplate.toolenv.status import status
from drawplate.toolenv.tool import Tool, start

__all__ = [
    "DeviceTool",
    "HostTool",
    "Library",
    "PythonTool",
    "Status",
    "SystemTool",
    "Tool",
    "ToolSpec",
    "examined",
    "make",
    "start",
    "status",
]
