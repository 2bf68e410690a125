# SPDX-License-Identifier: Apache-2.0
"""What a step says about itself before it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from attrs import evolve, field, frozen

from drawplate.artifact import Artifact, Form
from drawplate.metric import Direction, Metric

CONTRACT: Final = 1
"""Version of the contract between core and plugins; a card with another one is refused by name."""


class Verb(StrEnum):
    """What a step can do, in the order in which a flow does it."""

    COMPRESS = "compress"
    TRAIN = "train"
    EXPORT = "export"
    MEASURE = "measure"


def _by_verb(options: Mapping[str, type]) -> dict[Verb, type]:
    return {Verb(verb): cls for verb, cls in options.items()}


def _forms(forms: Iterable[Form]) -> frozenset[Form]:
    return frozenset(forms)


def _directions(names: Iterable[str] | Mapping[str, str | None]) -> dict[str, Direction | None]:
    """Names alone say nothing about which values are better."""
    said = names if isinstance(names, Mapping) else dict.fromkeys(sorted(names))
    return {name: None if better is None else Direction(better) for name, better in said.items()}


def _nothing(_options: Any) -> tuple[str, ...]:
    return ()


@frozen(kw_only=True)
class Card:
    """A step's calling card: cheap to make, imports nothing heavy."""

    summary: str
    """One line for listings."""
    options: Mapping[Verb, type] = field(converter=_by_verb)
    """The frozen attrs options class of every verb that the step offers."""
    accepts: frozenset[Form] = field(converter=_forms)
    """Forms of model that it takes."""
    returns: Form | None = None
    """Form that compress and train give back; None where it is the form taken."""
    contract: int = CONTRACT
    keeps_io: bool = True
    """Whether inputs and outputs of the model keep their names, shapes and types."""
    needs_teachers: bool = False
    """Whether it cannot train without teachers."""
    passes_teachers: bool = False
    """Whether compress passes teachers on, to steps that it runs."""
    tools: tuple[str, ...] = ()
    """Names of the tools (see the ``tools`` hook) that it needs."""
    open_form: bool = False
    """Whether the form of what compress gives depends on the options; a plan reads it off the previewed model."""
    metrics: Mapping[str, Direction | None] = field(default=(), converter=_directions)
    """Whole-model metrics that measure may give beside those of the data's task, by name, and which values are better,
    ``higher`` or ``lower``; a set of names where nobody knows, empty where the names are not known before."""
    judges: str = ""
    """The split of the data on which measure finds the metrics of their task; empty where it finds none of them."""
    runs: Callable[[Any], Iterable[str]] = _nothing
    """Steps that compress runs, read off its options: their code decides the result too."""
    consults: Mapping[str, Callable[[Any], Iterable[str] | None] | None] = field(factory=dict)
    """Side hooks whose contributions it takes (``job.contributions``), each with the names that it takes, read off its
    options; None for any.  Whoever offers one of them decides the result too.  ``torch_ops`` are those of the operators
    in the model, but any for compress."""
    budget: Mapping[str, float] = field(factory=dict)
    """What a target has to offer by metric name, e.g. ``{"lut": 53200}``."""

    @property
    def verbs(self) -> tuple[Verb, ...]:
        """The verbs offered, in the order of a flow."""
        return tuple(verb for verb in Verb if verb in self.options)

    def directed(self, metric: Metric) -> Metric:
        """Return a metric with the direction that the card knows, unless it says one itself."""
        known = self.metrics.get(metric.name)
        return evolve(metric, direction=known) if metric.direction is None and known else metric

    def returned_form(self, taken: Form) -> Form:
        """Form of the result for a model of a given form."""
        return self.returns or taken


@frozen(kw_only=True)
class Preview:
    """What a plan learns of a step without doing its work."""

    model: Artifact | None = None
    """The graph that later steps would see, with untrained weights; None where it cannot be known yet."""
    metrics: tuple[Metric, ...] = ()
    """What a target estimates for this graph; a search rejects candidates by it before it trains them."""
    notes: tuple[str, ...] = ()
    """Lines that ``drawplate plan`` prints under the step."""
    chooses: Mapping[str, Any] = field(factory=dict)
    """Options of other steps that a search will choose, by ``STEP.OPTION``, each with the value that it starts from:
    what ``options_from`` takes over."""
