# SPDX-License-Identifier: Apache-2.0
"""``drawplate sweep``."""

from typing import Annotated

import typer

from drawplate.cli.common import console, print_json
from drawplate.cli.complete import settings_of
from drawplate.cli.settings import Settings, with_settings

Over = Annotated[
    list[str],
    typer.Option(
        "--over",
        help="step.key=1..8 or step.key=a,b,c; step.a+step.b=1,2 for both at once; seed=0..2. Repeatable.",
        autocompletion=settings_of,
    ),
]


@with_settings
def sweep(settings: Settings, over: Over) -> None:
    """Run a flow over a grid of options, in parallel.  Steps that cells share are computed once."""
    from drawplate.flow.sweep import read_axes, run_sweep
    from drawplate.report.read import read_run
    from drawplate.report.record import Sweep
    from drawplate.report.terminal import sweep_summary
    from drawplate.store.records import as_values

    parsed, axes = settings.read(), read_axes(over)
    screen = console(stderr=True)
    with settings.runner(parsed) as runner:
        result = run_sweep(parsed, axes, runner, screen.print)
    if settings.json:
        print_json(as_values(result.record))
    else:
        record = read_run(result.folder)
        assert isinstance(record, Sweep)
        for part in sweep_summary(record):
            console().print(part)
        console().print(f"results: {result.folder}", soft_wrap=True)
    if any(cell.error for cell in result.record.cells):
        raise typer.Exit(2)
