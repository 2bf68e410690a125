# SPDX-License-Identifier: Apache-2.0
"""The commands together, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from drawplate.cli import check, compare, demo, doctor, gc, new, plan, plugins, report, run, schema, show, sweep
from drawplate.cli.interrupt import INTERRUPTED, MESSAGE, heeding
from drawplate.cli.output import say, show_warnings
from drawplate.errors import DrawplateError
from drawplate.interrupt import stop_politely

app = typer.Typer(
    name="drawplate",
    help="Pull a neural network through a row of steps until it fits a small chip, and prove that it fits.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (run, sweep, plan, show, compare, report, plugins, doctor, check, new, schema, gc, demo):
    app.command()(getattr(module, module.__name__.rpartition(".")[2]))


def main() -> None:
    """Run the command line and exit.

    The exit code is 0 when all went well, 2 for what the user can mend (a failed ``check`` and a sweep with failed
    cells too), 1 for a fault of ours or of a plugin's, and 130 after an interrupt or a request to terminate.
    """
    stop_politely()
    show_warnings()
    with heeding():
        code = _carry_out(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _nobody_reads()
    sys.exit(code)


def _carry_out(arguments: Sequence[str]) -> int:
    try:
        # Without typer's standalone mode the code of typer.Exit is what is returned, and other errors are raised.
        code = app(arguments, standalone_mode=False)
    except DrawplateError as error:
        say(f"error: {error.message}")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say(MESSAGE)
        return INTERRUPTED
    except BrokenPipeError:
        _nobody_reads()
        return 0
    except Exception as error:
        # typer brings its own copy of click, whose usage errors it does not export: they know how to show themselves.
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return 2
    return code if isinstance(code, int) else 0


def _nobody_reads() -> None:
    """As in ``drawplate show | head``: what was computed is in the store; only what was to be printed is lost."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes it once more at its end
    say("standard output was closed before all of it was written")
