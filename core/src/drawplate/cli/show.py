# SPDX-License-Identifier: Apache-2.0
"""``drawplate show``."""

from typing import Annotated

import typer
from attrs import asdict

from drawplate.cli.common import DEFAULT_STORE, AsJson, StoreOption, console, open_store, print_json

RunName = Annotated[
    str | None, typer.Argument(help="A run's id, its beginning, its folder, or 'last'.", show_default=False)
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Comma-separated values, one figure a line.")]
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="A Markdown table.")]


def show(
    run: RunName = None,
    store: StoreOption = DEFAULT_STORE,
    json: AsJson = False,
    csv: AsCsv = False,
    markdown: AsMarkdown = False,
) -> None:
    """List the runs of the store, or show what one of them gave."""
    from drawplate.report.read import find_run, list_runs, read_run, run_values
    from drawplate.report.rows import as_csv, as_markdown, header, rows
    from drawplate.report.terminal import run_tables, runs_table
    from drawplate.report.text import visible

    opened = open_store(store)
    if run is None:
        listed = list_runs(opened)
        print_json([asdict(row) for row in listed]) if json else console().print(runs_table(listed))
        return
    folder = find_run(opened, run)
    if json:
        print_json(run_values(folder))
        return
    record = read_run(folder)
    if csv or markdown:
        typer.echo(visible((as_csv if csv else as_markdown)(header(record), rows(record))), nl=False)
    else:
        for part in run_tables(record):
            console().print(part)
