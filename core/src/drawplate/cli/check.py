# SPDX-License-Identifier: Apache-2.0
"""``drawplate check``."""

from pathlib import Path
from typing import Annotated

import typer

from drawplate.cli.common import PluginFiles
from drawplate.cli.complete import steps_of


def check(
    step: Annotated[str, typer.Argument(help="Name of the step.", autocompletion=steps_of)],
    plugin: PluginFiles = None,
    tests: Annotated[
        Path | None,
        typer.Option("--tests", help="A test file that subclasses StepContract, for a step of its own needs."),
    ] = None,
) -> None:
    """Run the conformance kit on a step."""
    from importlib.util import find_spec

    from drawplate.errors import ToolMissing

    if find_spec("pytest") is None:
        raise ToolMissing("pytest is not installed", where="drawplate check", hint="pip install 'drawplate[testing]'")
    from drawplate.testing.run import run_kit

    raise typer.Exit(run_kit(step, [path.absolute() for path in plugin or ()], tests))
