# SPDX-License-Identifier: GPL-3.0-or-later
"""Genomes that a flow wants tried first, beside the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from drawplate import FlowError
from drawplate.errors import nearest
from drawplate.search import Gene
from drawplate_evolve_nsga2.candidate.genome import Coding
from drawplate_evolve_nsga2.nsga import Point
from drawplate_evolve_nsga2.wanted.goals import flat


def read_start(tables: Sequence[Mapping[str, Any]], coding: Coding, population: int) -> list[Point]:
    """Return the points of the first generation: the baseline, then one per table.

    A table gives values to genes by name or pattern (``"*.w" = 2``), later lines over earlier ones; genes that it does
    not name are as in the baseline.

    Raises:
        FlowError: for a name that no gene has, a value that its gene cannot take, or too many tables.
    """
    points = [coding.baseline]
    for number, table in enumerate(tables, start=1):
        where = f"option 'start', table {number}"
        genome = coding.genome(coding.baseline)
        for pattern, value in flat(table):
            genes = [name for name in coding.genes if name == pattern or fnmatchcase(name, pattern)]
            if not genes:
                raise FlowError(
                    f"there is no gene {pattern!r}", where=where, allowed=coding.genes,
                    meant=nearest(pattern, coding.genes),
                )  # fmt: skip
            for name in genes:
                _check(coding.genes[name], value, f"{where}, key {pattern!r}", name)
            genome |= dict.fromkeys(genes, value)
        points.append(coding.repaired(coding.point(genome)))
    points = list(dict.fromkeys(points))
    if len(points) > population:
        raise FlowError(
            f"{len(points) - 1} genomes and the baseline are more than a generation of {population}",
            where="option 'start'",
            hint=f"population = {len(points)} holds them",
        )
    return points


def _check(gene: Gene, value: Any, where: str, name: str) -> None:
    values = [gene.value(index) for index in range(gene.size)]
    if value not in values:
        raise FlowError(f"is {value!r}", where=where, allowed=f"{', '.join(map(str, values))}, the values of {name}")
