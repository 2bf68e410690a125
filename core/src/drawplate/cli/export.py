# SPDX-License-Identifier: Apache-2.0
"""``drawplate export``."""

from pathlib import Path
from typing import Annotated

import typer

from drawplate.cli.common import DEFAULT_STORE, StoreOption, console, open_store
from drawplate.cli.complete import runs_of, steps_in_run


def export(
    run: Annotated[
        str, typer.Argument(help="A run's id, its beginning, its folder, or 'last'.", autocompletion=runs_of)
    ],
    step: Annotated[
        str | None,
        typer.Argument(
            help="Name of the step; the last that made something where left out.",
            show_default=False,
            autocompletion=steps_in_run,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A new folder; RUN-STEP here where left out.")
    ] = None,
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write what a step made into a folder: its files, the model, test vectors, a README, a bill of versions."""
    from drawplate.errors import FlowError
    from drawplate.export import export as write
    from drawplate.report.read import find_run, read_run
    from drawplate.report.record import Run

    record = read_run(find_run(open_store(store), run))
    if not isinstance(record, Run):
        ids = [cell.run for cell in record.cells if cell.run]
        raise FlowError("is a sweep", where=record.id, allowed="one of its runs", hint=f"drawplate export {ids[0]}")
    folder = write(record, output or Path(f"{record.id}-{step or 'export'}"), step)
    files = [path for path in folder.rglob("*") if path.is_file()]
    console().print(f"{len(files)} files in {folder}\nread {folder / 'README.md'}", soft_wrap=True)
    if (folder / "BOARD.md").exists():
        console().print(f"then {folder / 'BOARD.md'}: selftest.py checks it on the board", soft_wrap=True)
    elif (folder / "selftest.py").exists():
        console().print(f"check it: python {folder / 'selftest.py'}", soft_wrap=True)
