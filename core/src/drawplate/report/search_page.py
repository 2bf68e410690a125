# SPDX-License-Identifier: Apache-2.0
"""A search on the page: its front as a table, and its candidates as values that the page's script shows."""

from __future__ import annotations

from typing import Any

from drawplate.report.markup import table
from drawplate.report.searches import Search, front_grid


def front_table(search: Search) -> str:
    """Write the candidates of the front, the fastest or cheapest first."""
    grid = front_grid(search)
    return "<h3>Front</h3>" + table(grid.columns, grid.rows, label="front")


def search_values(search: Search) -> dict[str, Any]:
    """Return genomes and metrics by column: a table of thousands of rows stays small."""
    genes = list(dict.fromkeys(gene for row in search.candidates for gene in row["genome"]))
    metrics = list(search.sources)
    return {
        "keys": [row["key"] for row in search.candidates],
        "generation": [row["generation"] for row in search.candidates],
        "genome": {gene: [row["genome"].get(gene) for row in search.candidates] for gene in genes},
        "metrics": {
            name: {
                "unit": search.units[name],
                "source": search.sources[name],
                "values": [row["metrics"].get(name, {}).get("value") for row in search.candidates],
            }
            for name in metrics
        },
    }
