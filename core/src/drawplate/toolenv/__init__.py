# SPDX-License-Identifier: Apache-2.0
"""Tools that need a world of their own: made on demand, spoken to through one long-lived worker process."""

from drawplate.toolenv.environment import make
from drawplate.toolenv.spec import PythonTool, SystemTool, ToolSpec
from drawplate.toolenv.status import Status, status
from drawplate.toolenv.tool import Tool, start

__all__ = ["PythonTool", "Status", "SystemTool", "Tool", "ToolSpec", "make", "start", "status"]
