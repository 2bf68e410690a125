# SPDX-License-Identifier: Apache-2.0
"""Bounds by pricing the budget instead of keeping it, and the foldings that this finds on its way.

For any prices of the resources, the cheapest folding less the price of the budget is no more than what the best folding
within the budget costs.  The highest such bound is looked for by cutting planes (J. E. Kelley, J. SIAM 8, 1960; on
Lagrangian bounds: A. M. Geoffrion, Math. Programming Study 2, 1974): a linear programme over the foldings that were
found proposes prices, and the cheapest folding at these prices is a new cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import define, field, frozen

from drawplate_dataflow.folding.exchange import cheapened, fitted
from drawplate_dataflow.folding.paths import Chain, cost_of, walk
from drawplate_dataflow.folding.tables import Costs, Turn

TOLERANCE: Final = 1e-7
"""Relative, of sums of products with prices; sums of resources themselves are exact."""
ROUNDS: Final = 60
LARGEST: Final = 1e3
"""Price of a whole budget, in prices of whole budgets."""


@frozen(eq=False)
class Found:
    """A folding and its resources."""

    chain: Chain
    cost: Costs
    price: float


@define(eq=False)
class Bound:
    """What is known of the best folding within an interval and a budget."""

    turns: Sequence[Turn]
    budget: Costs
    rates: Costs
    """Price of one unit of every resource."""
    best: Found | None = None
    """The cheapest folding within the budget that was found."""
    least: float = -np.inf
    """No folding within the budget is cheaper; infinite where it is proven that there is none."""
    prices: list[Costs] = field(factory=list)
    """Of the budget: those that gave the highest bounds, the best last."""
    cuts: list[Costs] = field(factory=list)
    seen: set[Chain] = field(factory=set)

    @property
    def closed(self) -> bool:
        """Whether the best folding is found, or it is proven that there is none."""
        if np.isinf(self.least) and self.least > 0:
            return True
        return self.best is not None and self.best.price <= self.least + TOLERANCE * max(1.0, abs(self.least))

    @property
    def scale(self) -> Costs:
        """A whole budget of every resource."""
        return np.where(self.budget > 0, self.budget, 1.0)

    def try_prices(self, prices: Costs, rates: Costs) -> Costs:
        """Return the least weighted costs, [lists], at ``rates`` and prices of the budget, [lists, resources].

        The foldings that have them, and neighbours of these, are kept where they are better than the best so far.
        """
        found = walk(self.turns, prices + rates)
        for at in range(len(prices)) if np.isfinite(found.least).all() else ():
            chain = found.chain(at)
            cost = cost_of(self.turns, chain)
            if chain not in self.seen and self.best is None and not (cost <= self.budget).all():
                self.fit(chain, cost)
            self.take(chain, cost)
        return found.least

    def take(self, chain: Chain, cost: Costs) -> None:
        """Keep a folding if it is the best so far."""
        if chain in self.seen:
            return
        self.seen.add(chain)
        self.cuts.append(cost)
        if (cost <= self.budget).all() and (self.best is None or float(self.rates @ cost) < self.best.price):
            chain, cost = cheapened(self.turns, chain, cost, self.budget, self.rates)
            self.best = Found(chain, cost, float(self.rates @ cost))

    def fit(self, chain: Chain, cost: Costs) -> None:
        """Look for a folding within the budget beside one that is beyond it."""
        found = fitted(self.turns, chain, cost, self.budget)
        if found is not None:
            self.take(*found)


def is_possible(bound: Bound) -> bool | None:
    """Say whether some folding is within the budget; None where bounds do not tell.

    ``bound.best`` is then such a folding, ``bound.prices`` prices at which all foldings cost more than the budget, or
    nearly so.
    """
    none, scale, count = np.zeros_like(bound.budget), bound.scale, len(bound.budget)
    start = np.concatenate([np.eye(count), np.full((1, count), 1 / count)]) / scale
    least = bound.try_prices(start, none)
    if not np.isfinite(least).all() or (least > start @ bound.budget * (1 + TOLERANCE)).any():
        bound.least = np.inf
        return False
    for _ in range(ROUNDS):
        if bound.best is not None:
            return True
        ratios, top = _balance(np.array(bound.cuts) / scale)
        prices = (ratios / scale)[None]
        count = len(bound.seen)
        least = bound.try_prices(prices, none)
        _remember(bound, prices[0])
        if least[0] > float(prices[0] @ bound.budget) * (1 + TOLERANCE):
            bound.least = np.inf
            return False
        if len(bound.seen) == count or least[0] >= top * (1 - TOLERANCE):
            break
    return True if bound.best is not None else None


def shortfall(bound: Bound) -> float:
    """Return how many budgets every folding needs at least, whatever it trades for what; found by the same cuts."""
    none, scale, most = np.zeros_like(bound.budget), bound.scale, 0.0
    prices = 1 / len(scale) / scale[None]
    for _ in range(ROUNDS):
        least = bound.try_prices(prices, none)
        most = max(most, float(least[0]))
        ratios, top = _balance(np.array(bound.cuts) / scale)
        if most >= top * (1 - TOLERANCE):
            break
        prices = (ratios / scale)[None]
    return most


def _remember(bound: Bound, prices: Costs) -> None:
    bound.prices = [*bound.prices[-5:], prices]


def _balance(cuts: Costs) -> tuple[Costs, float]:
    """Return the weights, one in all, at which the cheapest of the foldings is dearest, and what it costs."""
    from scipy.optimize import linprog

    count, width = cuts.shape
    found = linprog(
        np.append(np.zeros(width), -1.0),
        A_ub=np.hstack([-cuts, np.ones((count, 1))]),
        b_ub=np.zeros(count),
        A_eq=np.append(np.ones(width), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * width + [(None, None)],
        method="highs-ds",
    )
    return np.maximum(found.x[:width], 0.0), float(found.x[width])


def tighten(bound: Bound) -> None:
    """Raise the bound of the price, and look for cheaper foldings on the way."""
    scale = bound.scale
    prices = np.zeros((1, len(scale)))
    tried: list[tuple[float, Costs]] = []
    for _ in range(ROUNDS):
        count = len(bound.seen)
        least = bound.try_prices(prices, bound.rates)
        value = float(least[0] - prices[0] @ bound.budget)
        tried.append((value, prices[0]))
        bound.least = max(bound.least, value)
        if bound.closed:
            break
        top, ratios = _highest(bound, scale)
        if len(bound.seen) == count or top <= bound.least + TOLERANCE * max(1.0, abs(top)):
            break
        prices = (ratios / scale)[None]
    bound.prices = [found for _, found in sorted(tried, key=lambda pair: pair[0])[-6:]]


def _highest(bound: Bound, scale: Costs) -> tuple[float, Costs]:
    """Return the highest bound that the foldings found so far leave possible, and the prices of the budget for it."""
    from scipy.optimize import linprog

    cuts, count = np.array(bound.cuts), len(scale)
    over = cuts / scale - bound.budget / scale
    found = linprog(
        np.append(np.zeros(count), -1.0),
        A_ub=np.hstack([-over, np.ones((len(cuts), 1))]),
        b_ub=cuts @ bound.rates,
        bounds=[(0, LARGEST)] * count + [(None, None)],
        method="highs-ds",
    )
    return float(found.x[count]), np.maximum(found.x[:count], 0.0)
