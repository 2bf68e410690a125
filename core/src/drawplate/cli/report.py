# SPDX-License-Identifier: Apache-2.0
"""``drawplate report``."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from drawplate.cli.common import DEFAULT_STORE, Runs, StoreOption, console, open_store

SECONDS = 10
"""Between two pages of a run that is watched."""


class Kind(StrEnum):
    """Format of figures."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


def report(
    runs: Runs,
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML file to write.")] = Path("report.html"),
    figures: Annotated[
        Path | None, typer.Option(help="Write every figure into this folder too.", show_default=False)
    ] = None,
    figure_format: Annotated[Kind, typer.Option(help="Format of these figures.")] = Kind.SVG,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help=f"Write it anew every {SECONDS} s while a run is at work; a browser loads it again."
        ),
    ] = False,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write one self-contained HTML file about runs and sweeps."""
    from drawplate.report.html import charts, page
    from drawplate.report.read import find_run, read_now, read_whole
    from drawplate.store.atomic import write_bytes

    opened = open_store(store)
    folders = [find_run(opened, run) for run in runs]
    while watch:
        found = [read_now(folder) for folder in folders]
        if not any(busy for _, busy in found):
            break
        write_bytes(output, page([record for record, _ in found], output.absolute().parent, again=SECONDS).encode())
        console().print(f"report: {output.absolute()}, as of {time.strftime('%H:%M:%S')}", soft_wrap=True)
        time.sleep(SECONDS)
    records = [read_whole(folder) for folder in folders]
    write_bytes(output, page(records, output.absolute().parent).encode())
    console().print(f"report: {output.absolute()}", soft_wrap=True)
    if figures is not None:
        from drawplate.report.pictures import write_pictures

        for path in write_pictures(charts(records), figures, figure_format.value):
            console().print(f"figure: {path}", soft_wrap=True)
