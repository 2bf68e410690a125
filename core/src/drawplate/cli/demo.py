# SPDX-License-Identifier: Apache-2.0
"""``drawplate demo``."""

from pathlib import Path
from typing import Annotated

import typer

from drawplate.cli.common import DEFAULT_STORE, StoreOption


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="The HTML report to write.")] = Path("report.html"),
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Run a first flow on real images, with what is installed, and write its report."""
    from drawplate.cli.report import report
    from drawplate.cli.run import run
    from drawplate.demo import demo_flow

    flow = demo_flow()
    run(flow=flow, store=store)
    report(["last"], output=output, store=store)
