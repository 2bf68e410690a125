# SPDX-License-Identifier: Apache-2.0
"""``drawplate report``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from drawplate.cli.common import DEFAULT_STORE, Runs, StoreOption, console, open_store


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
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write one self-contained HTML file about runs and sweeps."""
    from drawplate.report.html import charts, page
    from drawplate.report.read import find_run, read_whole
    from drawplate.store.atomic import write_bytes

    opened = open_store(store)
    records = [read_whole(find_run(opened, run)) for run in runs]
    write_bytes(output, page(records, output.absolute().parent).encode())
    console().print(f"report: {output.absolute()}", soft_wrap=True)
    if figures is not None:
        from drawplate.report.pictures import write_pictures

        for path in write_pictures(charts(records), figures, figure_format.value):
            console().print(f"figure: {path}", soft_wrap=True)
