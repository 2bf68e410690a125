# SPDX-License-Identifier: Apache-2.0
"""``drawplate show``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from attrs import asdict

from drawplate.cli.common import DEFAULT_STORE, AsJson, StoreOption, console, open_store, print_json
from drawplate.cli.complete import runs_of
from drawplate.cli.tables import AsCsv, AsLatex, AsMarkdown, Metrics, wanted, write_table

if TYPE_CHECKING:
    from drawplate.report.record import Record

RunName = Annotated[
    str | None,
    typer.Argument(
        help="A run's id, its beginning, its folder, or 'last'.", show_default=False, autocompletion=runs_of
    ),
]


def show(
    run: RunName = None,
    store: StoreOption = DEFAULT_STORE,
    metrics: Metrics = "",
    each: Annotated[
        bool, typer.Option("--each", help="Every run of a sweep, instead of means and spreads over its seeds.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="List the runs of sweeps too.")] = False,
    json: AsJson = False,
    csv: AsCsv = False,
    markdown: AsMarkdown = False,
    latex: AsLatex = False,
) -> None:
    """List the runs of the store, or show what one of them gave."""
    from drawplate.report.listing import runs_table
    from drawplate.report.read import find_run, list_runs, read_run, run_values

    opened = open_store(store)
    if run is None:
        listed = list_runs(opened, children=every)
        print_json([asdict(row) for row in listed]) if json else console().print(runs_table(listed))
        return
    folder = find_run(opened, run)
    record, words = read_run(folder), wanted(metrics)
    if json:
        print_json({**run_values(folder), **_settings(record, words)})
    elif csv or markdown or latex:
        write_table(*_table(record, words, each=each, numbers=csv), csv=csv, markdown=markdown)
    else:
        _print(record, words, each=each)


def _settings(record: "Record", words: tuple[str, ...]) -> dict[str, Any]:
    """What a sweep came to, its seeds gathered."""
    from drawplate.report.record import Sweep
    from drawplate.report.seeds import tidy

    if not isinstance(record, Sweep):
        return {}
    columns, rows = tidy(record, words)
    return {"settings": [dict(zip(columns, row, strict=True)) for row in rows]}


def _table(record: "Record", words: tuple[str, ...], *, each: bool, numbers: bool) -> tuple[Any, Any]:
    from drawplate.report.record import Sweep
    from drawplate.report.rows import header, rows, short_rows
    from drawplate.report.seeds import summary_grid, tidy

    if isinstance(record, Sweep) and not each:
        if numbers:
            return tidy(record, words)
        grid = summary_grid(record, words)
        return grid.columns, grid.rows
    return (header(record), rows(record, words)) if numbers else short_rows(record, words)


def _print(record: "Record", words: tuple[str, ...], *, each: bool) -> None:
    from drawplate.report.record import Sweep
    from drawplate.report.terminal import run_tables, sweep_summary, sweep_table

    if not isinstance(record, Sweep):
        parts = run_tables(record)
    else:
        parts = iter([sweep_table(record)]) if each else sweep_summary(record, words)
    for part in parts:
        console().print(part)
