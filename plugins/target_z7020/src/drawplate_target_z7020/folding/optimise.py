# SPDX-License-Identifier: Apache-2.0
"""The exact optimiser.

The initiation interval of a pipeline is the most cycles that any layer needs.  For a given interval every layer has its
set of foldings that are fast enough; layers depend on each other only through the width of the stream between them, and
share one budget.  Going through the layers in order, all non-dominated sums of resources are kept per width of the last
stream (a Pareto dynamic programme), so no combination that could be best is lost.  Intervals are searched by bisection:
what fits an interval fits every longer one.

Widths are exact along a chain.  Where a stream is read by several layers, or a layer reads several streams (residual
networks), a converter is priced only at the first of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from attrs import define, field, frozen

from drawplate.errors import ModelError
from drawplate_target_z7020.cost.estimate import Estimate
from drawplate_target_z7020.cost.model import LayerCost
from drawplate_target_z7020.cost.streams import lanes
from drawplate_target_z7020.description import Layer, MatMul, Network
from drawplate_target_z7020.folding.choices import LayerFolding, choices, fold_layer
from drawplate_target_z7020.resources import Resources
from drawplate_target_z7020.rtl.plan import threshold_units


@frozen(kw_only=True)
class Option:
    """One way to fold one layer."""

    folding: LayerFolding
    layer: Layer = field(eq=False, repr=False)
    sends: int
    """Elements of a word of its output stream."""


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


@frozen
class _Label:
    """A non-dominated way to fold the layers so far."""

    vector: tuple[float, ...]
    option: Option
    estimate: Estimate
    before: _Label | None


@define(eq=False)
class Problem:
    """A network, a cost model, and what was already asked of it."""

    network: Network
    costs: LayerCost
    _estimates: dict[tuple[str, LayerFolding, int], Estimate | None] = field(factory=dict)

    @cached_property
    def options(self) -> Mapping[str, Sequence[Option]]:
        """Every layer's foldings that can be built."""
        return {layer.name: tuple(self._options(layer)) for layer in self.network.layers}

    def _options(self, layer: Layer) -> list[Option]:
        found = []
        for folding in choices(layer, self.network.sources(layer)[0]):
            folded = fold_layer(layer, folding)
            try:
                sends = threshold_units(folded) if isinstance(folded, MatMul) else lanes(folded)
            except ModelError:
                continue
            found.append(Option(folding=folding, layer=folded, sends=sends))
        return found

    def estimate(self, option: Option, beat: int) -> Estimate | None:
        """Return the cost of an option; None where it cannot be built."""
        key = (option.layer.name, option.folding, beat)
        if key not in self._estimates:
            try:
                source = self.network.sources(option.layer)[0]
                self._estimates[key] = self.costs.estimate(option.layer, source, beat)
            except ModelError:
                self._estimates[key] = None
        return self._estimates[key]

    def beat(self, option: Option, before: _Label | None) -> int:
        """Return how many elements of its input arrive at once."""
        first = before is None or before.option.layer.name not in option.layer.inputs
        return lanes(option.layer) if first else before.option.sends  # type: ignore[union-attr]

    @cached_property
    def intervals(self) -> Sequence[int]:
        """Every number of cycles that some folding of some layer takes, ascending; the answer is one of them."""
        found = set()
        for options in self.options.values():
            for option in options:
                estimate = self.estimate(option, lanes(option.layer))
                if estimate is not None:
                    found.add(estimate.cycles)
        least = max(
            min(e.cycles for o in options if (e := self.estimate(o, lanes(o.layer))) is not None)
            for options in self.options.values()
        )
        return sorted(cycles for cycles in found if cycles >= least)

    # searching ----------------------------------------------------------------------------------------------------

    def labels(self, interval: int, budget: Resources | None) -> list[_Label]:
        """Return all non-dominated foldings within an interval (and a budget)."""
        labels: list[_Label | None] = [None]
        for layer in self.network.layers:
            grown: dict[int, list[_Label]] = {}
            for before in labels:
                for option in self.options[layer.name]:
                    estimate = self.estimate(option, self.beat(option, before))
                    if estimate is None or estimate.cycles > interval:
                        continue
                    taken = estimate.resources.vector
                    vector = (
                        taken if before is None else tuple(a + b for a, b in zip(before.vector, taken, strict=True))
                    )
                    if budget is None or all(a <= b for a, b in zip(vector, budget.vector, strict=True)):
                        grown.setdefault(option.sends, []).append(_Label(vector, option, estimate, before))
            labels = [label for group in grown.values() for label in non_dominated(group)]
        return [label for label in labels if label is not None]

    def best(self, interval: int, goal: Goal) -> Plan | None:
        """Return the cheapest folding within an interval and the budget, or None."""
        found = self.labels(interval, goal.budget)
        if not found:
            return None
        return _plan(min(found, key=lambda label: goal.price(_resources(label))))

    def fastest(self, goal: Goal) -> Plan | None:
        """Return the folding of the shortest interval that the budget allows, and of these the cheapest."""
        low, high = 0, len(self.intervals)
        while low < high:
            middle = (low + high) // 2
            if self.labels(self.intervals[middle], goal.budget):
                high = middle
            else:
                low = middle + 1
        return self.best(self.intervals[low], goal) if low < len(self.intervals) else None

    def least(self, interval: int) -> Resources:
        """Return the least of each resource, taken by itself, that any folding within an interval needs."""
        found = self.labels(interval, None)
        return Resources(
            **{name: min(label.vector[i] for label in found) for i, name in enumerate(("lut", "ff", "bram18", "dsp"))}
        )


def smallest_plan(problem: Problem, goal: Goal) -> Plan:
    """Return the cheapest folding of all, whatever its speed and the budget."""
    labels = problem.labels(problem.intervals[-1], None)
    return _plan(min(labels, key=lambda label: goal.price(_resources(label))))


def non_dominated(labels: list[_Label]) -> list[_Label]:
    """Keep the labels that no other one is at most as large as in every resource."""
    kept: list[_Label] = []
    for label in sorted(labels, key=lambda label: label.vector):
        if not any(all(a <= b for a, b in zip(other.vector, label.vector, strict=True)) for other in kept):
            kept.append(label)
    return kept


def _resources(label: _Label) -> Resources:
    lut, ff, bram18, dsp = label.vector
    return Resources(lut=lut, ff=ff, bram18=bram18, dsp=dsp)


def _plan(label: _Label | None) -> Plan:
    chain = []
    while label is not None:
        chain.append(label)
        label = label.before
    return Plan(
        foldings={item.option.layer.name: item.option.folding for item in reversed(chain)},
        estimates={item.option.layer.name: item.estimate for item in reversed(chain)},
    )
