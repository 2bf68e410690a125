# SPDX-License-Identifier: Apache-2.0
"""How a command is told to write a table, and what it does then."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

AsCsv = Annotated[bool, typer.Option("--csv", help="Comma-separated values, one figure a line.")]
AsMarkdown = Annotated[bool, typer.Option("--markdown", help="A Markdown table.")]
AsLatex = Annotated[bool, typer.Option("--latex", help="A LaTeX table (booktabs).")]
Metrics = Annotated[
    str, typer.Option("--metrics", help="Only these figures: metric or step.metric, separated by commas.")
]


def wanted(metrics: str) -> tuple[str, ...]:
    """Read a list of metrics."""
    return tuple(word.strip() for word in metrics.split(",") if word.strip())


def write_table(columns: Sequence[str], body: Iterable[Sequence[Any]], *, csv: bool, markdown: bool) -> None:
    """Write a table as CSV, Markdown, or else LaTeX, to standard output."""
    from drawplate.report.latex import as_latex
    from drawplate.report.rows import as_csv, as_markdown
    from drawplate.report.text import visible

    write = as_csv if csv else as_markdown if markdown else as_latex
    typer.echo(visible(write(columns, body)), nl=False)
