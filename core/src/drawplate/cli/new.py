# SPDX-License-Identifier: Apache-2.0
"""``drawplate new``."""

from pathlib import Path
from typing import Annotated

import typer

from drawplate.cli.common import console


def new(
    kind: Annotated[str, typer.Argument(help="target or technique.")],
    name: Annotated[str, typer.Argument(help="Name of the step.")],
    folder: Annotated[Path | None, typer.Option("--folder", help="Where to put the package; default ./NAME.")] = None,
) -> None:
    """Write a plugin package that installs, passes its test and the conformance kit."""
    from drawplate.scaffold import write_package

    path = write_package(kind, name, folder or Path(name))
    console().print(
        f"wrote {path}\nnext:  pip install -e {path}\n       drawplate check {name}\n       pytest {path}",
        soft_wrap=True,
    )
