# SPDX-License-Identifier: Apache-2.0
"""``drawplate run``."""

from contextlib import suppress
from typing import TYPE_CHECKING

from drawplate.cli.common import console, print_json
from drawplate.cli.settings import Settings, with_settings

if TYPE_CHECKING:
    from drawplate.flow.plan import PlannedStep
    from drawplate.flow.run import StepResult


@with_settings
def run(settings: Settings) -> None:
    """Run a flow: check all of it, then carry out its steps.  Run it again to go on after a kill."""
    from drawplate.flow.run import run_flow
    from drawplate.report.made import made_lines
    from drawplate.report.read import read_run, run_values
    from drawplate.report.record import Run
    from drawplate.report.terminal import step_lines

    parsed = settings.read()
    screen = console(stderr=settings.json)

    def tell(step: "PlannedStep", result: "StepResult") -> None:
        with suppress(BrokenPipeError):  # who read has gone; the work goes on
            for line in step_lines(step, result):
                screen.print(line)

    with settings.runner(parsed) as runner:
        result = run_flow(parsed, runner, tell)
    if settings.json:
        print_json(run_values(result.folder))
    record = read_run(result.folder)
    assert isinstance(record, Run)
    for line in made_lines(record, result.folder):
        screen.print(line, soft_wrap=True)
