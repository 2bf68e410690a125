# SPDX-License-Identifier: Apache-2.0
"""``drawplate compare``."""

from typing import Annotated

import typer

from drawplate.cli.common import DEFAULT_STORE, AsJson, StoreOption, console, open_store, print_json
from drawplate.cli.show import AsCsv, AsMarkdown


def compare(
    runs: Annotated[list[str], typer.Argument(help="Ids of runs, their beginnings, folders, or 'last'.")],
    store: StoreOption = DEFAULT_STORE,
    json: AsJson = False,
    csv: AsCsv = False,
    markdown: AsMarkdown = False,
) -> None:
    """Show runs side by side: which settings differ, and every figure."""
    from drawplate.report.compare import comparable, differences, side_by_side
    from drawplate.report.read import find_run, read_run
    from drawplate.report.rows import as_csv, as_markdown
    from drawplate.report.terminal import compare_tables
    from drawplate.report.text import visible

    opened = open_store(store)
    records = comparable([read_run(find_run(opened, run)) for run in runs])
    names = [record.id for record in records]
    settings, figures = differences(records), side_by_side(records)
    if json:
        print_json({"runs": names, "differences": settings, "figures": figures})
    elif csv or markdown:
        write = as_csv if csv else as_markdown
        typer.echo(visible(write(["", *names], [*settings, *figures])), nl=False)
    else:
        for part in compare_tables(names, settings, figures):
            console().print(part)
