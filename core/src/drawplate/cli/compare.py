# SPDX-License-Identifier: Apache-2.0
"""``drawplate compare``."""

from drawplate.cli.common import DEFAULT_STORE, AsJson, Runs, StoreOption, console, open_store, print_json
from drawplate.cli.tables import AsCsv, AsLatex, AsMarkdown, Metrics, wanted, write_table


def compare(
    runs: Runs,
    store: StoreOption = DEFAULT_STORE,
    metrics: Metrics = "",
    json: AsJson = False,
    csv: AsCsv = False,
    markdown: AsMarkdown = False,
    latex: AsLatex = False,
) -> None:
    """Show runs, or sweeps, side by side: which settings differ, and every figure."""
    from drawplate.report.compare import compared
    from drawplate.report.read import find_run, read_run
    from drawplate.report.terminal import compare_tables

    opened = open_store(store)
    found = compared([read_run(find_run(opened, run)) for run in runs], wanted(metrics))
    if json:
        print_json({"runs": found.names, "differences": found.settings, "figures": found.figures})
    elif csv or markdown or latex:
        write_table(["", *found.names], [*found.settings, *found.figures], csv=csv, markdown=markdown)
    else:
        for part in compare_tables(found.names, found.settings, found.figures):
            console().print(part)
