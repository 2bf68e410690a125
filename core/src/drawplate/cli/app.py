# SPDX-License-Identifier: Apache-2.0
"""The commands together, and what becomes of their errors."""

from __future__ import annotations

import sys

import typer

from drawplate.cli import check, compare, demo, doctor, gc, new, plan, plugins, report, run, schema, show, sweep
from drawplate.errors import DrawplateError

INTERRUPTED = 130

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
    """Run the command line.  Exit code 2 is a mistake of the user's, 1 one of ours, 130 an interrupt."""
    try:
        app(standalone_mode=False)
    except DrawplateError as error:
        sys.stderr.write(f"error: {error.message}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; run the same command again to go on\n")
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - what is not known is raised again
        sys.exit(_exit_code(error))


def _exit_code(error: Exception) -> int:
    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    # typer brings its own copy of click, whose usage errors it does not export: they know how to show themselves.
    show = getattr(error, "show", None)
    if show is None:
        raise error
    show()
    return 2
