# SPDX-License-Identifier: Apache-2.0
"""The command line: each command is one small module; what is heavy is imported when a command runs.

Command modules do without postponed annotations: typer would have to evaluate each of them at every start.
"""

from __future__ import annotations

import sys

from drawplate.interrupt import stop_politely


def main() -> None:
    """Run the command line and exit; a Ctrl-C while it is still being imported is a Ctrl-C too."""
    stop_politely()
    try:
        from drawplate.cli.app import main as carry_out
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    carry_out()


__all__ = ["main"]
