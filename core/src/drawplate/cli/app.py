# SPDX-License-Identifier: Apache-2.0
"""The commands together, and what becomes of their errors."""

import functools
import os
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from drawplate.cli import (
    boards,
    check,
    compare,
    demo,
    doctor,
    export,
    gc,
    init,
    new,
    plan,
    plugins,
    report,
    run,
    schema,
    show,
    sweep,
)
from drawplate.cli.interrupt import INTERRUPTED, MESSAGE, heeding
from drawplate.cli.output import own_stdout, say, show_warnings
from drawplate.errors import DrawplateError

app = typer.Typer(
    name="drawplate",
    help="Pull a neural network through a row of steps until it fits a small chip, and prove that it fits.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class _Stopped(Exception):
    """A request to end, and a reader that has gone, in a form that typer does not handle in its own way."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause


def _told(command: Callable[..., None]) -> Callable[..., None]:
    """Have a command tell us of what typer would swallow."""

    @functools.wraps(command)
    def call(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (KeyboardInterrupt, BrokenPipeError) as error:
            raise _Stopped(error) from error

    return call


COMMANDS = (
    init, run, sweep, plan, show, compare, export, report, plugins, boards, doctor, check, new, schema, gc, demo,
)  # fmt: skip


def _say_version(wanted: bool) -> None:
    if wanted:
        import drawplate

        typer.echo(f"drawplate {drawplate.__version__}, Python {sys.version.split()[0]}, {drawplate.__file__}")
        raise typer.Exit


for module in COMMANDS:
    app.command()(_told(getattr(module, module.__name__.rpartition(".")[2])))


@app.callback()
def _version(
    version: Annotated[
        bool, typer.Option("--version", help="Say which drawplate this is, and where.", callback=_say_version)
    ] = False,
) -> None:
    """Pull a neural network through a row of steps until it fits a small chip, and prove that it fits."""


def main() -> None:
    """Run the command line and exit.

    The exit code is 0 when all went well, 2 for what the user can mend (a failed ``check`` and a sweep with failed
    cells too), 1 for a fault of ours or of a plugin's, and 130 after an interrupt or a request to terminate.
    """
    show_warnings()
    with heeding() as asked_to_end:
        code = _carry_out(sys.argv[1:], asked_to_end)
    try:
        own_stdout().flush()
    except BrokenPipeError:
        code = code or _nobody_reads()
    sys.exit(code)


def _carry_out(arguments: Sequence[str], asked_to_end: Callable[[], bool]) -> int:
    try:
        # Without typer's standalone mode the code of typer.Exit is what is returned, and other errors are raised.
        code = app(arguments, standalone_mode=False)
    except DrawplateError as error:
        if asked_to_end():
            return _interrupted()
        say(f"error: {error.message}")
        return error.exit_code
    except _Stopped as stopped:
        return _nobody_reads() if isinstance(stopped.cause, BrokenPipeError) else _interrupted()
    except Exception as error:
        # typer brings its own copy of click, whose usage errors it does not export: they know how to show themselves.
        if asked_to_end():
            return _interrupted()
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return 2
    return _interrupted() if code == INTERRUPTED else code if isinstance(code, int) else 0


def _interrupted() -> int:
    say(MESSAGE)
    return INTERRUPTED


def _nobody_reads() -> int:
    """As in ``drawplate show | head``: what was computed is in the store; only what was to be printed is lost."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), own_stdout().fileno())  # Python flushes it once more at its end
    say("standard output was closed before all of it was written")
    return 0
