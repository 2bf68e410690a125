# SPDX-License-Identifier: Apache-2.0
"""Spaces: from genomes to models and options of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen

from drawplate.artifact import Artifact
from drawplate.search.gene import Gene, Genome

if TYPE_CHECKING:
    from drawplate.job import Job


@frozen(kw_only=True)
class Expression:
    """What a genome means: where its candidate starts."""

    model: Artifact
    """The model that the first step of the candidate takes."""
    options: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    """Options by the name (or the ``use``) of a candidate's step; they replace what the flow says there."""


class Space(Protocol):
    """Everything that a search may choose among, starting from one model."""

    @property
    def genes(self) -> Mapping[str, Gene]:
        """The genes by name."""

    @property
    def baseline(self) -> Genome:
        """The genome of the model that the search starts from, or the nearest to it."""

    def repair(self, genome: Genome) -> Genome:
        """Bring a genome of legal values into its one canonical form: genes that have no effect take one value."""

    def express(self, genome: Genome, model: Artifact, job: Job) -> Expression:
        """Build the candidate of a genome; ``model`` is what the search starts from, or what another space made."""


@frozen(kw_only=True)
class SearchSpace:
    """What the ``search_spaces`` hook returns by name."""

    summary: str
    open: Callable[[Artifact, Job], Space]
    """Look at a model and say what may vary; raises ModelError for one that the space is not made for."""
