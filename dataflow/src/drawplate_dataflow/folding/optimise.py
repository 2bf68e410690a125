# SPDX-License-Identifier: Apache-2.0
"""The exact optimiser.

The initiation interval of a pipeline is the most cycles that any layer needs.  For a given interval every layer has its
set of foldings that are fast enough; layers depend on each other only through the widths of the streams between them,
and share one budget.  Going through the layers in order, all non-dominated sums of resources are kept per widths of the
streams that are still to be read (a Pareto dynamic programme), so no combination that could be best is lost: one width
in a chain, several across a residual block.  Intervals are searched by bisection: what fits an interval fits every
longer one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import numpy as np
from attrs import define, evolve, field, frozen

from drawplate.errors import ModelError
from drawplate_dataflow.cost.estimate import Estimate
from drawplate_dataflow.cost.forks import forked
from drawplate_dataflow.cost.model import LayerCost
from drawplate_dataflow.folding.front import Extension, Front, Option, Widths, joined, non_dominated
from drawplate_dataflow.network import INPUT, Layer, LayerFolding, Network
from drawplate_dataflow.resources import NAMES, Resources, total


@frozen(kw_only=True)
class Plan:
    """A folding of a whole network and what it costs."""

    foldings: Mapping[str, LayerFolding]
    estimates: Mapping[str, Estimate]

    @property
    def cycles(self) -> int:
        """Initiation interval in cycles per frame."""
        return max(estimate.cycles for estimate in self.estimates.values())

    @property
    def resources(self) -> Resources:
        """Sum over layers."""
        return sum((estimate.resources for estimate in self.estimates.values()), Resources())


@frozen(kw_only=True)
class Goal:
    """What is paid for resources, each by its part of the budget."""

    budget: Resources
    prices: tuple[float, ...] = (1.0, 0.25, 1.0, 1.0)
    """Of a whole budget of LUT, FF, BRAM18 and DSP."""

    def price(self, resources: Resources) -> float:
        """Return the weighted cost."""
        return sum(
            price * taken / (available or 1.0)
            for price, taken, available in zip(self.prices, resources.vector, self.budget.vector, strict=True)
        )


@define(eq=False)
class Problem:
    """A network, a cost model, and what was already asked of it."""

    network: Network
    costs: LayerCost
    _estimates: dict[tuple[str, LayerFolding, tuple[int, ...]], Estimate | None] = field(factory=dict)

    @cached_property
    def options(self) -> Mapping[str, Sequence[Option]]:
        """Every layer's foldings that can be built."""
        return {layer.name: tuple(self._options(layer)) for layer in self.network.layers}

    def _options(self, layer: Layer) -> list[Option]:
        found, sources = [], self.network.sources(layer)
        for folding in layer.foldings(sources):
            folded = layer.folded(folding)
            try:
                sends = folded.sends
            except ModelError:
                continue
            fewest = folded.cycles(sources, (folded.takes,) * len(sources))
            found.append(Option(folding=folding, layer=folded, sends=sends, cycles=fewest))
        return found

    def estimate(self, option: Option, beats: tuple[int, ...]) -> Estimate | None:
        """Return the cost of an option whose input words have so many elements; None where it cannot be built."""
        key = (option.layer.name, option.folding, beats)
        if key not in self._estimates:
            try:
                sources = self.network.sources(option.layer)
                self._estimates[key] = self._with_forks(option, self.costs.estimate(option.layer, sources, beats))
            except ModelError:
                self._estimates[key] = None
        return self._estimates[key]

    def _with_forks(self, option: Option, estimate: Estimate) -> Estimate:
        """Add the forks whose width the option decides: of its own stream, and of the input for the first layer."""
        names = {option.layer.name: option.sends}
        if option.layer.name == self.network.readers(INPUT)[0].name:
            names[INPUT] = option.layer.takes
        forks = (self.costs.fork(self.network, name, names[name]) for name in self._forked if name in names)
        return evolve(estimate, resources=total((estimate.resources, *forks)))

    @cached_property
    def _forked(self) -> tuple[str, ...]:
        return forked(self.network)

    def extensions(self, layer: Layer, before: Front | None, interval: int) -> list[Extension]:
        """Return the foldings of a layer behind a front that are fast enough, without those that another one beats."""
        found: dict[int, list[Extension]] = {}
        for option in self.options[layer.name]:
            if option.cycles > interval:
                continue
            estimate = self.estimate(option, _beats(option, before))
            if estimate is not None and estimate.cycles <= interval:
                found.setdefault(option.sends, []).append(Extension(before, option, estimate))
        kept = []
        for group in found.values():
            rows = non_dominated(np.array([extension.estimate.resources.vector for extension in group]))
            kept += [group[row] for row in rows]
        return kept

    @cached_property
    def intervals(self) -> Sequence[int]:
        """Every number of cycles that some folding of some layer takes, ascending; the answer is one of them."""
        found = set()
        for options in self.options.values():
            for option in options:
                estimate = self.estimate(option, _beats(option, None))
                if estimate is not None:
                    found.add(estimate.cycles)
        least = max(
            min(e.cycles for o in options if (e := self.estimate(o, _beats(o, None))) is not None)
            for options in self.options.values()
        )
        return sorted(cycles for cycles in found if cycles >= least)

    # searching ----------------------------------------------------------------------------------------------------

    def fronts(self, interval: int, budget: Resources | None) -> list[Front]:
        """Return all non-dominated foldings within an interval (and a budget), by the widths that later layers see."""
        allowed = None if budget is None else np.array(budget.vector)
        fronts: list[Front | None] = [None]
        for at, layer in enumerate(self.network.layers):
            later = {name for reader in self.network.layers[at + 1 :] for name in reader.inputs}
            grown: dict[Widths, list[Extension]] = {}
            for before in fronts:
                for extension in self.extensions(layer, before, interval):
                    grown.setdefault(_widths(extension, later), []).append(extension)
            found = (joined(group, widths, allowed) for widths, group in grown.items())
            fronts = [front for front in found if front is not None]
        return [front for front in fronts if front is not None]

    def best(self, interval: int, goal: Goal) -> Plan | None:
        """Return the cheapest folding within an interval and the budget, or None."""
        return _cheapest(self.fronts(interval, goal.budget), goal)

    def fastest(self, goal: Goal) -> Plan | None:
        """Return the folding of the shortest interval that the budget allows, and of these the cheapest."""
        low, high = 0, len(self.intervals)
        while low < high:
            middle = (low + high) // 2
            if self.fronts(self.intervals[middle], goal.budget):
                high = middle
            else:
                low = middle + 1
        return self.best(self.intervals[low], goal) if low < len(self.intervals) else None

    def least(self, interval: int) -> Resources:
        """Return the least of each resource, taken by itself, that any folding within an interval needs."""
        vectors = np.concatenate([front.vectors for front in self.fronts(interval, None)])
        return Resources(**dict(zip(NAMES, map(float, vectors.min(axis=0)), strict=True)))


def smallest_plan(problem: Problem, goal: Goal) -> Plan:
    """Return the cheapest folding of all, whatever its speed and the budget."""
    plan = _cheapest(problem.fronts(problem.intervals[-1], None), goal)
    assert plan is not None, "without a budget something fits"
    return plan


def _beats(option: Option, before: Front | None) -> tuple[int, ...]:
    """Return how many elements of each input arrive at once; those of the network's input as the first layer takes."""
    widths = dict(before.widths) if before else {}
    return tuple(widths.get(name, option.layer.takes) for name in option.layer.inputs)


def _widths(extension: Extension, later: AbstractSet[str]) -> Widths:
    """Return the widths of the streams that ``later`` layers read, once a layer is folded."""
    before, option = extension.before, extension.option
    known = dict(before.widths) if before else {INPUT: option.layer.takes}
    known[option.layer.name] = option.sends
    return tuple((name, width) for name, width in known.items() if name in later)


def _cheapest(fronts: Sequence[Front], goal: Goal) -> Plan | None:
    if not fronts:
        return None
    prices = [
        (goal.price(Resources(**dict(zip(NAMES, vector, strict=True)))), at, row)
        for at, front in enumerate(fronts)
        for row, vector in enumerate(front.vectors)
    ]
    _, at, row = min(prices)
    chain = list(fronts[at].chain(row))[::-1]
    return Plan(
        foldings={option.layer.name: option.folding for option, _ in chain},
        estimates={option.layer.name: estimate for option, estimate in chain},
    )
