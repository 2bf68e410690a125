# SPDX-License-Identifier: Apache-2.0
"""``drawplate report``."""

from pathlib import Path
from typing import Annotated

import typer

from drawplate.cli.common import DEFAULT_STORE, StoreOption, console, open_store


def report(
    runs: Annotated[list[str], typer.Argument(help="Ids of runs, their beginnings, folders, or 'last'.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file to write.")] = Path("report.html"),
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write one self-contained HTML file about runs."""
    from drawplate.report.html import page
    from drawplate.report.read import find_run, read_run
    from drawplate.store.atomic import write_bytes

    opened = open_store(store)
    records = [read_run(find_run(opened, run)) for run in runs]
    write_bytes(output, page(records).encode())
    console().print(f"report: {output.absolute()}", soft_wrap=True)
