# SPDX-License-Identifier: Apache-2.0
"""The command line: each command is one small module; what is heavy is imported when a command runs.

Command modules do without postponed annotations: typer would have to evaluate each of them at every start.
"""

from __future__ import annotations

from drawplate.cli.app import main

__all__ = ["main"]
