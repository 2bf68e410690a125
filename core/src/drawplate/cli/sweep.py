# SPDX-License-Identifier: Apache-2.0
"""``drawplate sweep``."""

from typing import Annotated

import typer

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

Over = Annotated[
    list[str],
    typer.Option(
        "--over",
        help="step.key=1..8 or step.key=a,b,c; step.a+step.b=1,2 for both at once; seed=0..2. Repeatable.",
    ),
]


def sweep(
    flow: FlowFile,
    over: Over,
    sets: Sets = None,
    seed: Seed = None,
    device: Device = "cpu",
    store: StoreOption = DEFAULT_STORE,
    plugin: PluginFiles = None,
    workers: Workers = 0,
    executor: Executor = "process",
    json: AsJson = False,
) -> None:
    """Run a flow over a grid of options, in parallel.  Steps that cells share are computed once."""
    from drawplate.flow import read_flow
    from drawplate.flow.sweep import read_axes, run_sweep
    from drawplate.report.terminal import sweep_table
    from drawplate.store.records import as_values

    parsed = read_flow(flow, sets or (), seed)
    axes = read_axes(over)
    with open_runner(
        parsed, store, plugin_files=plugin, device=device, workers=workers, quiet=json, executor=executor
    ) as runner:
        result = run_sweep(parsed, axes, runner)
    if json:
        print_json(as_values(result.record))
    else:
        console().print(sweep_table(result.record))
        console().print(f"results: {result.folder}", soft_wrap=True)
    if any(cell.error for cell in result.record.cells):
        raise typer.Exit(2)
