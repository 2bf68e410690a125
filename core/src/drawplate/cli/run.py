# SPDX-License-Identifier: Apache-2.0
"""``drawplate run``."""

from contextlib import suppress
from typing import TYPE_CHECKING

from drawplate.cli.common import (
    DEFAULT_STORE,
    AsJson,
    Device,
    Executor,
    FlowFile,
    PluginFiles,
    Seed,
    Sets,
    StoreOption,
    Workers,
    console,
    open_runner,
    print_json,
)

if TYPE_CHECKING:
    from drawplate.flow.plan import PlannedStep
    from drawplate.flow.run import StepResult


def run(
    flow: FlowFile,
    sets: Sets = None,
    seed: Seed = None,
    device: Device = "cpu",
    store: StoreOption = DEFAULT_STORE,
    plugin: PluginFiles = None,
    workers: Workers = 0,
    executor: Executor = "process",
    json: AsJson = False,
) -> None:
    """Run a flow: check all of it, then carry out its steps.  Run it again to go on after a kill."""
    from drawplate.flow import read_flow
    from drawplate.flow.run import run_flow
    from drawplate.report.terminal import step_lines

    parsed = read_flow(flow, sets or (), seed)
    screen = console(stderr=json)

    def tell(step: "PlannedStep", result: "StepResult") -> None:
        with suppress(BrokenPipeError):  # who read has gone; the work goes on
            for line in step_lines(step, result):
                screen.print(line)

    with open_runner(
        parsed, store, plugin_files=plugin, device=device, workers=workers, quiet=json, executor=executor
    ) as runner:
        result = run_flow(parsed, runner, tell)
    if json:
        from drawplate.report.read import run_values

        print_json(run_values(result.folder))
    screen.print(f"results: {result.folder}\nreport:  drawplate report {result.folder.name}", soft_wrap=True)
