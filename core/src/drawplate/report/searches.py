# SPDX-License-Identifier: Apache-2.0
"""What a search recorded, read for drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from drawplate.metric import Metric
from drawplate.report.figures import format_together, format_value
from drawplate.report.grids import Grid
from drawplate.store.records import read_values

FEW_GENES = 6
"""With more, columns of single genes leave the screen."""

Row = Mapping[str, Any]
"""Of a table, as a step recorded it."""


@frozen(kw_only=True)
class Tried:
    """A candidate that was evaluated to the end."""

    key: str
    generation: int
    genome: Mapping[str, Any]
    metrics: Mapping[str, Metric]
    """By name; those that came to no number are left out."""
    front: bool
    chosen: bool
    baseline: bool


@frozen(kw_only=True)
class Generation:
    """What a search had found after a generation."""

    evaluations: int
    hypervolume: float
    seconds: float = 0.0
    """Since the one before."""
    of: int = 0
    """Candidates that will be tried."""


@frozen(kw_only=True)
class Search:
    """The candidates of a search and its generations."""

    objectives: tuple[str, ...]
    units: Mapping[str, str]
    """By metric."""
    sources: Mapping[str, str]
    """By metric."""
    candidates: tuple[Tried, ...]
    failed: int
    """Candidates without figures: failed, or rejected before training."""
    generations: tuple[Generation, ...]

    @property
    def pace(self) -> str:
        """How far it is, how fast, and for how long to go."""
        last = self.generations[-1] if self.generations else None
        spent = sum(generation.seconds for generation in self.generations)
        if last is None or not last.of or not spent:
            return ""
        rate, left = last.evaluations / spent, max(0, last.of - last.evaluations)
        said = f"{last.evaluations:,} of {last.of:,} candidates, {3600 * rate:,.0f} per hour"
        return f"{said}, about {_duration(left / rate)} to go" if left else said

    def values(self, metric: str) -> list[float]:
        """Return one metric of every candidate."""
        return [candidate.metrics[metric].value for candidate in self.candidates]


def _duration(seconds: float) -> str:
    """Return a time as hours and minutes."""
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{max(1, minutes)} min"


def search_of(tables: Mapping[str, Sequence[Row]]) -> Search | None:
    """Read a search off a step's tables; None where it recorded none."""
    rows = tables.get("candidates", ())
    objectives = tuple(next((row["objectives"] for row in rows if row.get("objectives")), ()))
    found = ((row, _metrics(row)) for row in rows if objectives)
    whole = [_tried(row, metrics) for row, metrics in found if all(name in metrics for name in objectives)]
    if not whole:
        return None
    metrics = {name: metric for row in whole for name, metric in row.metrics.items()}
    return Search(
        objectives=objectives,
        units={name: metric.unit for name, metric in metrics.items()},
        sources={name: metric.source for name, metric in metrics.items()},
        candidates=tuple(whole),
        failed=len(rows) - len(whole),
        generations=tuple(read_values(row, Generation, "generations") for row in tables.get("generations", ())),
    )


def _metrics(row: Row) -> dict[str, Row]:
    return {name: {"name": name, **metric} for name, metric in row["metrics"].items() if metric["value"] is not None}


def _tried(row: Row, metrics: Mapping[str, Row]) -> Tried:
    return read_values({**row, "metrics": metrics}, Tried, "candidates")


def front_grid(search: Search) -> Grid:
    """Lay out the front and the baseline: objectives and genes, the fastest or cheapest first."""
    second = search.objectives[min(1, len(search.objectives) - 1)]
    rows = [row for row in search.candidates if row.front or row.baseline]
    rows.sort(key=lambda row: row.metrics[second].value)
    genes = gene_columns([row.genome for row in rows])
    written = [format_together(row.metrics[name] for row in rows) for name in search.objectives]
    body = (
        (
            "chosen" if row.chosen else "baseline" if row.baseline else "",
            *figures,
            *(genome_text(row.genome, names) for names in genes.values()),
        )
        for row, *figures in zip(rows, *written, strict=True)
    )
    return Grid(("", *search.objectives, *genes), tuple(body))


def gene_columns(genomes: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the columns of a table of genomes, and the genes in each: of many, those of one kind share one.

    ``fc1.w``, ``fc2.w``, ... are then the column ``w``.
    """
    genes = tuple(dict.fromkeys(gene for genome in genomes for gene in genome))
    if len(genes) <= FEW_GENES:
        return {gene: (gene,) for gene in genes}
    columns: dict[str, tuple[str, ...]] = {}
    for gene in genes:
        kind = gene.rpartition(".")[2]
        columns[kind] = (*columns.get(kind, ()), gene)
    return columns


def genome_text(genome: Mapping[str, Any], genes: Sequence[str]) -> str:
    """Write some genes of a genome: a value alone, or each behind the name of its layer."""
    if len(genes) == 1:
        return format_value(genome.get(genes[0]))
    return ", ".join(f"{gene.rpartition('.')[0]} {format_value(genome[gene])}" for gene in genes if gene in genome)
