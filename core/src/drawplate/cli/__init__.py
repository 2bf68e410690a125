# SPDX-License-Identifier: Apache-2.0
"""The command line: each command is one small module; what is heavy is imported when a command runs.

Command modules do without postponed annotations: typer would have to evaluate each of them at every start.
"""

from __future__ import annotations

import sys

from drawplate.interrupt import stop_politely


def main() -> None:
    """Run the command line and exit; a Ctrl-C while it is being imported, or put away, is a Ctrl-C too."""
    stop_politely()
    try:
        from drawplate.cli.app import main as carry_out

        carry_out()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; run the same command again to go on\n")
        sys.exit(130)


__all__ = ["main"]
