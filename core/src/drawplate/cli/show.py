# SPDX-License-Identifier: Apache-2.0
"""``drawplate show``."""

from typing import Annotated

import typer

from drawplate.cli.common import DEFAULT_STORE, AsJson, StoreOption, console, open_store, print_json

RunName = Annotated[
    str | None, typer.Argument(help="A run's id, its beginning, its folder, or 'last'.", show_default=False)
]


def show(run: RunName = None, store: StoreOption = DEFAULT_STORE, json: AsJson = False) -> None:
    """List the runs of the store, or show what one of them gave."""
    from drawplate.report.read import find_run, list_runs, read_run
    from drawplate.report.terminal import run_tables, runs_table

    opened = open_store(store)
    if run is None:
        rows = list_runs(opened)
        print_json(rows) if json else console().print(runs_table(rows))
        return
    record = read_run(find_run(opened, run))
    if json:
        print_json(record)
    else:
        for part in run_tables(record):
            console().print(part)
