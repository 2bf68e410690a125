# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening what a flow asks to be searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from drawplate import Artifact, FlowError, Job
from drawplate.errors import nearest
from drawplate.options import option_fields
from drawplate.search import Gene, OptionGenes, Product, SearchSpace, Space, read_gene
from drawplate_evolve_nsga2.candidate.genome import Coding
from drawplate_evolve_nsga2.candidate.substeps import SubStep, check_options, find_step
from drawplate_evolve_nsga2.wanted.goals import flat


def open_spaces(
    names: Sequence[str], said: Mapping[str, Any], steps: Sequence[SubStep], model: Artifact, job: Job
) -> Coding:
    """Open spaces by name, and narrow or add genes as ``[step.genes]`` says.

    Raises:
        DrawplateError: for an unknown space or gene, or a model that a space is not made for.
    """
    offered: Mapping[str, SearchSpace] = job.contributions("search_spaces")
    spaces: list[Space] = []
    for name in names:
        if name not in offered:
            raise FlowError(
                f"there is no search space {name!r}",
                where="option 'space'",
                allowed=sorted(offered),
                meant=nearest(name, offered),
            )
        spaces.append(offered[name].open(model, job))
    product = Product(tuple(spaces))
    narrowed: dict[str, Gene] = {}
    added: dict[str, Gene] = {}
    for name, values in flat(said):
        where = f"genes, key {name!r}"
        place = narrowed if name in product.genes else added
        if place is added:
            _check_option(name, product.genes, steps, where)
        place[name] = read_gene(values, where)
    if added:
        options = OptionGenes(genes=added, baseline={name: _default(name, steps, job) for name in added})
        _check_values(options, steps, job)
        product = Product((*spaces, options))
    return Coding(product, {**product.genes, **narrowed})


def _check_option(name: str, genes: Mapping[str, Gene], steps: Sequence[SubStep], where: str) -> None:
    step, _, _option = name.rpartition(".")
    if step not in {other for found in steps for other in (found.name, found.use)}:
        allowed = [*genes, *(f"{found.name}.OPTION" for found in steps)]
        raise FlowError(
            f"there is no gene {name!r}",
            where=where,
            allowed=allowed or "none: name a space, or the steps of a candidate",
            meant=nearest(name, allowed),
        )


def _default(name: str, steps: Sequence[SubStep], job: Job) -> Any:
    """Return the value that an option has without the search."""
    step_name, _, option = name.rpartition(".")
    step = find_step(steps, step_name, "genes")
    if option in step.options:
        return step.options[option]
    for verb in step.verbs:
        fields = option_fields(job.card(step.use).options[verb])
        if option in fields and fields[option].default is not attrs.NOTHING:
            default: Any = fields[option].default
            return default if not isinstance(default, attrs.Factory) else None  # type: ignore[arg-type]
    return None


def _check_values(options: OptionGenes, steps: Sequence[SubStep], job: Job) -> None:
    """Have every step read every value once, so that a wrong one is named before anything runs."""
    for name, gene in options.genes.items():
        step_name, _, option = name.rpartition(".")
        step = find_step(steps, step_name, f"genes, key {name!r}")
        for index in {0, gene.size - 1} if gene.ordered else range(gene.size):
            changed = attrs.evolve(step, options={**step.options, option: gene.value(index)})
            check_options(changed, job.card(step.use))
