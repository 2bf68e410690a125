# SPDX-License-Identifier: Apache-2.0
"""What a search recorded, read for drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from drawplate.report.figures import format_metric, format_value
from drawplate.report.grids import Grid

Record = Mapping[str, Any]


@frozen(kw_only=True)
class Search:
    """The candidates of a search and its generations."""

    objectives: tuple[str, ...]
    units: Mapping[str, str]
    """By metric."""
    sources: Mapping[str, str]
    """By metric."""
    candidates: tuple[Record, ...]
    """Rows of the table ``candidates`` that were evaluated to the end."""
    failed: int
    """Candidates without figures: failed, or rejected before training."""
    generations: tuple[Record, ...]
    """Rows of the table ``generations``."""

    def values(self, metric: str) -> list[float]:
        """Return one metric of every candidate."""
        return [candidate["metrics"][metric]["value"] for candidate in self.candidates]


def search_of(tables: Mapping[str, Sequence[Record]]) -> Search | None:
    """Read a search off a step's tables; None where it recorded none."""
    rows = tables.get("candidates", ())
    objectives = tuple(next((row["objectives"] for row in rows if row.get("objectives")), ()))
    whole = [row for row in rows if objectives and all(name in row["metrics"] for name in objectives)]
    if not whole:
        return None
    metrics = {name: metric for row in whole for name, metric in row["metrics"].items()}
    return Search(
        objectives=objectives,
        units={name: metric["unit"] for name, metric in metrics.items()},
        sources={name: metric["source"] for name, metric in metrics.items()},
        candidates=tuple(whole),
        failed=len(rows) - len(whole),
        generations=tuple(tables.get("generations", ())),
    )


def front_grid(search: Search) -> Grid:
    """Lay out the front and the baseline: objectives and genes, the fastest or cheapest first."""
    second = search.objectives[min(1, len(search.objectives) - 1)]
    rows = [row for row in search.candidates if row["front"] or row["baseline"]]
    rows.sort(key=lambda row: row["metrics"][second]["value"])
    genes = tuple(dict.fromkeys(gene for row in rows for gene in row["genome"]))
    body = (
        (
            "chosen" if row["chosen"] else "baseline" if row["baseline"] else "",
            *(format_metric(row["metrics"][name]) for name in search.objectives),
            *(format_value(row["genome"].get(gene)) for gene in genes),
        )
        for row in rows
    )
    return Grid(("", *search.objectives, *genes), tuple(body))
