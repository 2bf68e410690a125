# SPDX-License-Identifier: Apache-2.0
"""``drawplate gc``."""

from typing import Annotated

import typer

from drawplate.cli.common import DEFAULT_STORE, AsJson, StoreOption, console, open_store, print_json


def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    derived: Annotated[
        bool, typer.Option("--derived", help="Remove derived data too; made again when needed.")
    ] = False,
    older_than: Annotated[
        float, typer.Option("--older-than", help="Spare what was written or used in the last so many days.", min=0)
    ] = 14,
    store: StoreOption = DEFAULT_STORE,
    json: AsJson = False,
) -> None:
    """Remove from the store what no run refers to and nobody used lately."""
    from drawplate.store.gc import collect

    freed = collect(open_store(store), dry_run=dry_run, derived=derived, older_than=older_than)
    if json:
        print_json(freed)
    else:
        word = "would free" if dry_run else "freed"
        console().print(f"{word} {freed['bytes'] / 1e6:.1f} MB in {freed['files']} files")
