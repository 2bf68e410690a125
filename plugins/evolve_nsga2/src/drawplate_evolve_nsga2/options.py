# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of ``evolve`` and ``tune``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Factory, frozen

from drawplate.options import option


@frozen(kw_only=True)
class SearchOptions:
    """What candidates are, and what is wanted of them."""

    candidate: tuple[Mapping[str, Any], ...] = option(
        "Steps that a candidate goes through, as [[step.candidate]] tables; written like [[step]].", default=()
    )
    objectives: Mapping[str, Any] | tuple[str, ...] = option(
        "What is wanted: a metric of the data's task (on validation images), params, macs, or STEP.METRIC of a "
        "candidate's step; a list of names, or a table that says min or max."
    )
    constraints: Mapping[str, Any] = option(
        'Limits such as "<= 50000", of the same names; broken ones reject a candidate before it is trained where a '
        "step's preview estimates them.",
        default=Factory(dict),
    )
    genes: Mapping[str, Any] = option(
        "Genes by name, {lo, hi, step} or a list of values: narrower than the space's, or STEP.OPTION of a candidate's "
        "step.",
        default=Factory(dict),
    )
    choose: str = option(
        'Which member of the front later steps go on with: knee, or conditions and an aim, "error<=12, min macs".',
        default="knee",
    )
    repeats: int = option(
        "Seeds that the final front and the baseline are trained and measured with; medians are reported.",
        default=1,
        at_least=1,
    )
    rungs: tuple[float, ...] | None = option(
        "Successive halving: after these parts of the epochs, only the better candidates are trained on; [] trains all "
        "to the end at once.  Where left out, an asynchronous search takes a third of 3 epochs or more.",
        default=None,
        above=0,
        below=1,
    )
    keep: float = option(
        "Part of the candidates that each rung lets through, where no forecasts do.", default=0.4, above=0, below=1
    )
    result: str | None = option(
        "Name of the candidate's step whose model becomes the member of the front; the last where left out.",
        default=None,
    )

    def usual_rungs(self, epochs: int) -> tuple[float, ...]:  # noqa: ARG002 - others look at them
        """Return the rungs where none are asked for.

        Args:
            epochs: of the one step that trains; 0 where there is none, or more than one.
        """
        return ()


@frozen(kw_only=True)
class EvolveOptions(SearchOptions):
    """How NSGA-II searches."""

    space: str | tuple[str, ...] = option("Search space, or several that are searched together.")
    population: int = option("Candidates that survive, and that are made per generation.", default=16, at_least=2)
    generations: int = option("Generations, the first one included.", default=8, at_least=1)
    start: tuple[Mapping[str, Any], ...] = option(
        "Genomes of the first generation beside the baseline, as [[step.start]] tables of genes, by name or pattern; "
        "the rest of it is drawn at random.",
        default=(),
    )
    schedule: str = option(
        "asynchronous: the next candidate is decided while others are trained, so that no worker waits; generations: "
        "all of one, then the next.  Both find the same front with any number of workers.",
        default="asynchronous",
        choices=("asynchronous", "generations"),
    )
    ahead: int = option(
        "How many trainings are decided before the result of the first of them is looked at, for schedule = "
        "asynchronous: more workers than that wait.  What a search finds depends on it, and not on the workers.",
        default=4,
        at_least=1,
    )
    surrogate: bool = option(
        "Whether a model that is fitted to the candidates so far chooses among children, and stops hopeless ones; "
        "for schedule = asynchronous.  It is left out while its forecasts are no better than the mean.",
        default=True,
    )
    inherit: str = option(
        "Weights that a candidate starts from: its own initial ones, or as far as shapes allow those of the nearest "
        "candidate of earlier generations.",
        default="none",
        choices=("none", "nearest"),
    )

    def usual_rungs(self, epochs: int) -> tuple[float, ...]:
        """Return a third, where there are epochs enough to divide."""
        return (1 / 3,) if self.schedule == "asynchronous" and epochs >= 3 else ()


@frozen(kw_only=True)
class TuneOptions(SearchOptions):
    """How options of steps are tuned."""

    method: str = option(
        "grid: every combination; halving: a random sample, with rungs; nsga2: as evolve.",
        default="grid",
        choices=("grid", "halving", "nsga2"),
    )
    samples: int = option("Candidates that halving draws.", default=32, at_least=2)
    population: int = option("Candidates per generation of nsga2.", default=16, at_least=2)
    generations: int = option("Generations of nsga2.", default=8, at_least=1)
