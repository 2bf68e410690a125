# SPDX-License-Identifier: Apache-2.0
"""Closing what gap bounds leave: every folding that could still be better is gone through, or an integer programme is.

Options that no folding within the limits can use are left out first; that leaves few.  What remains is walked with all
four resources kept apart, without what a cheaper beginning beats or what cannot be ended within the limits (a labelling
algorithm; C. C. Ribeiro and M. Minoux, on constrained shortest paths).  Where that would grow too large, HiGHS solves
it as an integer programme (Q. Huangfu and J. A. J. Hall, Math. Programming Computation 10, 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from drawplate_dataflow.folding.bound import TOLERANCE, Bound
from drawplate_dataflow.folding.clock import Clock
from drawplate_dataflow.folding.paths import Chain, behind, cost_of, through, walk
from drawplate_dataflow.folding.programme import solve
from drawplate_dataflow.folding.tables import Costs, Turn, non_dominated

ABOVE: Final = (0.001, 0.004, 0.016)
"""Parts of the bound above it, up to which foldings are gone through first."""
ROWS: Final = 6000
"""Beginnings of foldings at one layer, from which on it is left to the integer programme."""


@frozen(eq=False)
class Limits:
    """What any better folding has to keep: weighted sums of its resources, and their limits."""

    prices: Costs
    """[lists, resources]"""
    most: Costs
    """[lists]"""

    def kept(self, costs: Costs) -> NDArray[np.bool_]:
        """Whether sums are within the limits, but for rounding; [lists, ...] to [...]."""
        most = (self.most + TOLERANCE * np.maximum(1.0, np.abs(self.most))).reshape(-1, *([1] * (costs.ndim - 1)))
        return np.asarray((costs <= most).all(axis=0))


def limits_of(bound: Bound, price: float) -> Limits:
    """Return the budget, and what the bounds say of foldings that are no dearer than a price; infinite for any."""
    lists, most = list(np.eye(len(bound.budget))), list(bound.budget)
    for prices in bound.prices:
        if np.isinf(price):  # weighted, the budget itself
            lists.append(prices)
            most.append(float(prices @ bound.budget))
        else:
            lists.append(prices + bound.rates)
            most.append(price + float(prices @ bound.budget))
    return Limits(np.array(lists), np.array(most))


def close(bound: Bound, clock: Clock, *, any_will_do: bool = False) -> None:
    """Find the best folding, or prove that the one known is, or that there is none, if time allows.

    Foldings a little dearer than the bound are gone through first: few options lead to them, and they are mostly there.

    Args:
        bound: what is known, and then more.
        clock: when to stop.
        any_will_do: whether any folding within the budget ends the search.
    """
    start = bound.least
    for above in () if any_will_do or np.isinf(start) else ABOVE:
        price = start + above * abs(start)
        if bound.best is not None and price >= bound.best.price:
            break
        if _close(bound, clock, price):
            return
    _close(bound, clock, np.inf if bound.best is None else bound.best.price, any_will_do=any_will_do)


def _close(bound: Bound, clock: Clock, price: float, *, any_will_do: bool = False) -> bool:
    """Go through foldings that are no dearer than a price; say whether the best one is known then."""
    limits = limits_of(bound, price)
    turns = _fixed(bound.turns, limits)
    chain, whole = (None, True) if turns is None else _best(turns, limits, bound, clock, any_will_do=any_will_do)
    if turns is not None and chain is not None:
        chain = _renamed(turns, bound.turns, chain)
        bound.take(chain, cost_of(bound.turns, chain))
        if any_will_do:
            return True
    if whole:
        bound.least = price if bound.best is None else min(price, bound.best.price)
    return bound.closed


def _best(
    turns: Sequence[Turn], limits: Limits, bound: Bound, clock: Clock, *, any_will_do: bool
) -> tuple[Chain | None, bool]:
    """Return the best folding of some options, and whether that is proven."""
    chain, whole = _labels(turns, limits, bound, clock)
    return (chain, whole) if whole else solve(turns, bound.budget, bound.rates, clock, any_will_do=any_will_do)


def _fixed(turns: Sequence[Turn], limits: Limits) -> tuple[Turn, ...] | None:
    """Leave out options that no folding within the limits uses; None where there is no such folding."""
    while True:
        found = walk(turns, limits.prices)
        if not limits.kept(found.least):
            return None
        uses = through(found, behind(found))
        rows = [np.flatnonzero(limits.kept(cost)) for cost in uses]
        if not all(map(len, rows)):
            return None
        if all(len(row) == len(turn.options) for row, turn in zip(rows, turns, strict=True)):
            return tuple(turns)
        turns = tuple(turn.keeping(row) for turn, row in zip(turns, rows, strict=True))


def _renamed(turns: Sequence[Turn], whole: Sequence[Turn], chain: Chain) -> Chain:
    return tuple(
        next(at for at, other in enumerate(all_.options) if other is some.options[choice])
        for some, all_, choice in zip(turns, whole, chain, strict=True)
    )


@frozen(eq=False)
class _Labels:
    """Beginnings of foldings, one per row."""

    costs: Costs
    """[rows, resources]"""
    live: NDArray[np.intp]
    """[rows, streams]: places of the widths of the streams that are live."""
    came: NDArray[np.intp]
    """[rows]: the row of the layer before."""
    option: NDArray[np.intp]


def _labels(turns: Sequence[Turn], limits: Limits, bound: Bound, clock: Clock) -> tuple[Chain | None, bool]:
    """Return the best folding within the limits, and whether all were gone through."""
    later = behind(walk(turns, limits.prices))
    nobody = np.zeros(1, np.intp)
    labels = _Labels(np.zeros((1, len(bound.budget))), np.zeros((1, 0), np.intp), nobody, nobody)
    kept: list[_Labels] = []
    for turn, ahead in zip(turns, later, strict=True):
        grown = [found for took in range(len(turn.takes)) if (found := _grow(turn, ahead, limits, labels, took))]
        if not grown:
            return None, True
        labels = _joined(grown)
        if len(labels.costs) > 8 * ROWS or clock.over:
            return None, False
        labels = _thinned(labels)
        if len(labels.costs) > ROWS:
            return None, False
        kept.append(labels)
    fitting = np.flatnonzero((labels.costs <= bound.budget).all(axis=1))
    if not fitting.size:
        return None, True
    row = int(fitting[np.argmin(labels.costs[fitting] @ bound.rates)])
    chain = []
    for step in reversed(kept):
        chain.append(int(step.option[row]))
        row = int(step.came[row])
    return tuple(reversed(chain)), True


def _grow(turn: Turn, ahead: Costs, limits: Limits, labels: _Labels, took: int) -> _Labels | None:
    """Add a layer that takes words of one width to all beginnings."""
    options = np.flatnonzero([option.takes == turn.takes[took] for option in turn.options])
    costs, open_ = labels.costs, np.ones(len(labels.costs), bool)
    for side in turn.sides:
        arrives = labels.live[:, side.axis]
        costs = costs + side.costs[arrives, took]
        open_ &= np.isfinite(side.closed[arrives, took])
    rows = np.flatnonzero(open_)
    if not rows.size or not options.size:
        return None
    whole = costs[rows][:, None] + turn.costs[options][None]
    stays = [axis for axis in range(turn.live) if axis not in turn.dead]
    live = labels.live[rows][:, stays]
    sends = np.array([turn.sends.index(turn.options[option].sends) for option in options], np.intp)
    index: tuple[NDArray[np.intp], ...] = tuple(live[:, axis][:, None] for axis in range(live.shape[1]))
    index += ((np.full((1, 1), took)),) * turn.opens + (sends[None],) * turn.kept
    rest = np.moveaxis(np.moveaxis(ahead, 0, -1)[index], -1, 0) if index else ahead[:, None, None]
    at, choice = np.nonzero(limits.kept(np.moveaxis(whole @ limits.prices.T, -1, 0) + rest))
    if not at.size:
        return None
    new = [live[at], *([np.full((len(at), 1), took)] * turn.opens), *([sends[choice][:, None]] * turn.kept)]
    return _Labels(whole[at, choice], np.hstack(new).astype(np.intp), rows[at], options[choice])


def _joined(grown: Sequence[_Labels]) -> _Labels:
    return _Labels(
        np.concatenate([found.costs for found in grown]),
        np.concatenate([found.live for found in grown]),
        np.concatenate([found.came for found in grown]),
        np.concatenate([found.option for found in grown]),
    )


def _thinned(labels: _Labels) -> _Labels:
    """Keep, of beginnings with the same live widths, those that none other beats."""
    _, group = np.unique(labels.live, axis=0, return_inverse=True)
    rows = []
    for number in range(int(group.max()) + 1):
        members = np.flatnonzero(group.ravel() == number)
        rows.append(members[np.sort(non_dominated(labels.costs[members]))])
    chosen = np.concatenate(rows)
    return _Labels(labels.costs[chosen], labels.live[chosen], labels.came[chosen], labels.option[chosen])
