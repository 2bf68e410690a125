# SPDX-License-Identifier: Apache-2.0
"""Several spaces searched together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.artifact import Artifact
from drawplate.errors import FlowError
from drawplate.search.gene import Gene, Genome
from drawplate.search.space import Expression, Space

if TYPE_CHECKING:
    from drawplate.job import Job


@frozen
class Product:
    """The genes of all spaces; each changes the model that the one before it made.

    Raises:
        FlowError: when two spaces have a gene of one name.
    """

    spaces: tuple[Space, ...]

    def __attrs_post_init__(self) -> None:
        names = [name for space in self.spaces for name in space.genes]
        for name in names:
            if names.count(name) > 1:
                raise FlowError(f"gene {name!r} belongs to two of the spaces", hint="leave one of them out")

    @property
    def genes(self) -> Mapping[str, Gene]:
        """The genes of all spaces."""
        return {name: gene for space in self.spaces for name, gene in space.genes.items()}

    @property
    def baseline(self) -> Genome:
        """The baselines of all spaces."""
        return {name: value for space in self.spaces for name, value in space.baseline.items()}

    def repair(self, genome: Genome) -> Genome:
        """Repair each space's own genes."""
        return {name: value for space in self.spaces for name, value in space.repair(_part(space, genome)).items()}

    def express(self, genome: Genome, model: Artifact, job: Job) -> Expression:
        """Let the spaces change the model one after the other, and merge their options."""
        options: dict[str, dict[str, Any]] = {}
        for space in self.spaces:
            made = space.express(_part(space, genome), model, job)
            model = made.model
            for step, table in made.options.items():
                options.setdefault(step, {}).update(table)
        return Expression(model=model, options=options)


def _part(space: Space, genome: Genome) -> dict[str, Any]:
    return {name: genome[name] for name in space.genes}
