# SPDX-License-Identifier: GPL-3.0-or-later
"""From points of the search to genomes that a person reads, and back."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from drawplate.search import Gene, Genome, Space
from drawplate.store.keys import digest_of
from drawplate_evolve_nsga2.nsga import Axis, Point


@frozen
class Coding:
    """The genes of a space in a fixed order."""

    space: Space
    genes: Mapping[str, Gene]
    """The genes as they are searched: those of the space, narrowed where the flow says so."""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The genes as the search sees them."""
        return tuple(Axis(gene.size, gene.ordered) for gene in self.genes.values())

    @property
    def size(self) -> int:
        """How many genomes there are, those included that mean the same."""
        total = 1
        for gene in self.genes.values():
            total *= gene.size
        return total

    def genome(self, point: Point) -> dict[str, object]:
        """Return the values of a point."""
        return {name: gene.value(index) for (name, gene), index in zip(self.genes.items(), point, strict=True)}

    def point(self, genome: Genome) -> Point:
        """Return the point of a genome, or the legal one that is nearest."""
        return tuple(gene.index(genome[name]) for name, gene in self.genes.items())

    def repaired(self, point: Point) -> Point:
        """Return the canonical point that means the same."""
        return self.point(self.space.repair(self.genome(point)))

    @property
    def baseline(self) -> Point:
        """Where the search starts from."""
        return self.repaired(self.point(self.space.baseline))


def genome_key(genome: Genome) -> str:
    """Short digest that names a candidate."""
    return digest_of(dict(genome))[:12]
