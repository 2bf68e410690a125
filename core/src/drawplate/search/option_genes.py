# SPDX-License-Identifier: Apache-2.0
"""Genes that are options of a candidate's steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from drawplate.artifact import Artifact
from drawplate.search.gene import Gene, Genome
from drawplate.search.space import Expression

if TYPE_CHECKING:
    from drawplate.job import Job


@frozen(kw_only=True)
class OptionGenes:
    """A :class:`~drawplate.search.Space` of options, each named ``step.option``."""

    genes: Mapping[str, Gene]
    baseline: Genome

    def repair(self, genome: Genome) -> Genome:
        """Every combination is legal."""
        return genome

    def express(self, genome: Genome, model: Artifact, job: Job) -> Expression:  # noqa: ARG002 - the contract's
        """Leave the model alone; None leaves an option out, so that the step takes its own default."""
        options: dict[str, dict[str, Any]] = {}
        for name in self.genes:
            step, _, option = name.rpartition(".")
            if genome[name] is not None:
                options.setdefault(step, {})[option] = genome[name]
        return Expression(model=model, options=options)
