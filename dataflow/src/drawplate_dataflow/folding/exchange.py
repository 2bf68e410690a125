# SPDX-License-Identifier: Apache-2.0
"""Bettering a folding by exchanging the option of one layer at a time, all widths left as they are.

Where weights lie and what multiplies in blocks trade LUTs for memory and multipliers in small steps, so that a folding
a little beyond the budget often has a neighbour within, and one within a cheaper neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drawplate_dataflow.folding.paths import Chain
from drawplate_dataflow.folding.tables import Costs, Turn

STEPS: Final = 400


def fitted(turns: Sequence[Turn], chain: Chain, cost: Costs, budget: Costs) -> tuple[Chain, Costs] | None:
    """Return a neighbour within the budget; None where exchanges do not lead to one."""
    scale = np.where(budget > 0, budget, 1.0)
    neighbours = _Neighbours(turns, chain, cost)
    over = _beyond(neighbours.cost, budget, scale)
    for _ in range(STEPS):
        if (neighbours.cost <= budget).all():
            return neighbours.chain, neighbours.cost
        costs = neighbours.costs()
        excess = _beyond(costs, budget, scale)
        at = int(np.argmin(excess))
        if excess[at] >= over - 1e-12:
            return None
        over = excess[at]
        neighbours.move(at, costs[at])
    return None


def cheapened(turns: Sequence[Turn], chain: Chain, cost: Costs, budget: Costs, rates: Costs) -> tuple[Chain, Costs]:
    """Return a folding within the budget of which no exchange is cheaper."""
    neighbours = _Neighbours(turns, chain, cost)
    for _ in range(STEPS):
        costs = neighbours.costs()
        prices = np.where((costs <= budget).all(axis=1), costs @ rates, np.inf)
        at = int(np.argmin(prices))
        if prices[at] >= neighbours.cost @ rates - 1e-12:
            break
        neighbours.move(at, costs[at])
    return neighbours.chain, neighbours.cost


def _beyond(costs: Costs, budget: Costs, scale: Costs) -> Costs:
    """Return the squares of what is beyond the budget, in budgets, and a little of everything: ties go to less."""
    over: Costs = (np.maximum(costs - budget, 0.0) / scale) ** 2
    return np.asarray(over.sum(axis=-1))


class _Neighbours:
    """All foldings that differ in one option, of equal widths."""

    def __init__(self, turns: Sequence[Turn], chain: Chain, cost: Costs) -> None:
        self.turns, self.cost, self._chosen = turns, cost, list(chain)
        self._layer = np.concatenate([np.full(len(turn.options), at) for at, turn in enumerate(turns)])
        self._own = np.concatenate([turn.costs for turn in turns])
        self._first = np.cumsum([0, *(len(turn.options) for turn in turns)])
        self._rows = self._alike()

    def _alike(self) -> NDArray[np.intp]:
        rows = []
        for at, (turn, choice) in enumerate(zip(self.turns, self._chosen, strict=True)):
            group = int(np.searchsorted(turn.starts, choice, side="right")) - 1
            end = turn.starts[group + 1] if group + 1 < len(turn.starts) else len(turn.options)
            rows.append(np.arange(turn.starts[group], end) + self._first[at])
        return np.concatenate(rows).astype(np.intp)

    @property
    def chain(self) -> Chain:
        """The folding in their middle."""
        return tuple(self._chosen)

    def costs(self) -> Costs:
        """Return the resources of all neighbours, [neighbours, resources]."""
        current = np.array([turn.costs[choice] for turn, choice in zip(self.turns, self._chosen, strict=True)])
        found: Costs = self.cost - current[self._layer[self._rows]] + self._own[self._rows]
        return found

    def move(self, at: int, cost: Costs) -> None:
        """Go to a neighbour; widths stay, so it has the same neighbours."""
        row = int(self._rows[at])
        layer = int(self._layer[row])
        self._chosen[layer] = row - int(self._first[layer])
        self.cost = cost
