# SPDX-License-Identifier: Apache-2.0
"""The candidates of a search as values that the page's script shows."""

from __future__ import annotations

from typing import Any

from drawplate.metric import Metric
from drawplate.report.searches import Search


def search_values(search: Search) -> dict[str, Any]:
    """Return genomes and metrics by column: a table of thousands of rows stays small."""
    genes = list(dict.fromkeys(gene for row in search.candidates for gene in row.genome))
    metrics = list(search.sources)
    return {
        "keys": [row.key for row in search.candidates],
        "generation": [row.generation for row in search.candidates],
        "genome": {gene: [row.genome.get(gene) for row in search.candidates] for gene in genes},
        "metrics": {
            name: {
                "unit": search.units[name],
                "source": search.sources[name],
                "values": [_value(row.metrics.get(name)) for row in search.candidates],
            }
            for name in metrics
        },
    }


def _value(metric: Metric | None) -> float | None:
    return None if metric is None else metric.value
