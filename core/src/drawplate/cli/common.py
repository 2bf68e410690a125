# SPDX-License-Identifier: Apache-2.0
"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drawplate.cli.complete import runs_of, settings_of
from drawplate.cli.output import claim_stdout, console, print_json
from drawplate.engine import DEFAULT_STORE, open_store

__all__ = ["DEFAULT_STORE", "console", "open_store", "print_json"]

FlowFile = Annotated[Path, typer.Argument(help="The flow file (TOML).", show_default=False)]
Runs = Annotated[
    list[str], typer.Argument(help="Ids of runs, their beginnings, folders, or 'last'.", autocompletion=runs_of)
]
StoreOption = Annotated[Path, typer.Option("--store", help="Folder of results.", envvar="DRAWPLATE_STORE")]
PluginFiles = Annotated[list[Path] | None, typer.Option("--plugin", help="An unpackaged plugin, FILE.py. Repeatable.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="step.key=value, instead of the file's. Repeatable.", autocompletion=settings_of),
]
Seed = Annotated[int | None, typer.Option("--seed", help="Instead of the flow's seed.")]
Device = Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1 or auto.")]
Workers = Annotated[int, typer.Option("--workers", help="Worker processes; 0 is one per core.", min=0)]
Executor = Annotated[
    str, typer.Option("--executor", help="process, ray (a cluster on this machine), or a Ray cluster's address.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.", callback=claim_stdout)]
