# SPDX-License-Identifier: Apache-2.0
"""A folding as an integer programme, solved by HiGHS.

``x[option]`` says which option a layer has and ``z[input, arriving, taken]`` which widths meet at an input.  Where all
``x`` are whole, the ``z`` are too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from drawplate_dataflow.folding.clock import Clock
from drawplate_dataflow.folding.paths import Chain, cost_of
from drawplate_dataflow.folding.tables import Costs, Turn

OPTIMAL: Final = 0
INFEASIBLE: Final = 2
Entry = tuple[int, int, float]


def solve(
    turns: Sequence[Turn], budget: Costs, rates: Costs, clock: Clock, *, any_will_do: bool = False
) -> tuple[Chain | None, bool]:
    """Return the cheapest folding within the budget, and whether that is proven.

    Args:
        turns: of the layers.
        budget: of every resource.
        rates: price of one unit of each.
        clock: when to stop.
        any_will_do: whether any folding within the budget will do.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    if clock.over:
        return None, False
    columns, entries, right, shut, costs = _build(turns)
    rows, places, values = zip(*entries, strict=True)
    equal = coo_array((values, (rows, places)), shape=(len(right), columns)).tocsr()
    scale = np.where(budget > 0, budget, 1.0)
    whole = sum(len(turn.options) for turn in turns)
    upper = np.ones(columns)
    upper[shut] = 0
    found = milp(
        costs @ rates,
        integrality=np.arange(columns) < whole,
        bounds=Bounds(0, upper),
        constraints=[
            LinearConstraint(equal, right, right),
            LinearConstraint((costs / scale).T, -np.inf, budget / scale),
        ],
        options={"time_limit": max(0.1, min(clock.left, 1e6)), "mip_rel_gap": 1e9 if any_will_do else 0.0},
    )
    if found.x is None:
        return None, found.status == INFEASIBLE
    chain, at = [], 0
    for turn in turns:
        chain.append(int(np.argmax(found.x[at : at + len(turn.options)])))
        at += len(turn.options)
    fits = bool((cost_of(turns, tuple(chain)) <= budget).all())
    return (tuple(chain) if fits else None), fits and found.status == OPTIMAL


def _build(turns: Sequence[Turn]) -> tuple[int, list[Entry], list[float], list[int], Costs]:
    """Return the number of variables, the equations, which variables are zero, and [variables, resources]."""
    column = sum(len(turn.options) for turn in turns)
    entries: list[Entry] = []
    right: list[float] = []
    shut: list[int] = []
    costs = [turn.costs for turn in turns]
    live: list[list[tuple[int, int]]] = []  # of every live stream, (variable, place of its width)
    first = 0
    for turn in turns:
        own = range(first, first + len(turn.options))
        first = own.stop
        takes = [(at, turn.takes.index(option.takes)) for at, option in zip(own, turn.options, strict=True)]
        sends = [(at, turn.sends.index(option.sends)) for at, option in zip(own, turn.options, strict=True)]
        entries += [(len(right), at, 1.0) for at in own]
        right.append(1.0)
        for side in turn.sides:
            arriving, taken = side.closed.shape
            at = column + np.arange(arriving * taken).reshape(arriving, taken)
            column += arriving * taken
            costs.append(side.costs.reshape(arriving * taken, -1))
            shut += at[np.isinf(side.closed)].tolist()
            for ends, variables in ((live[side.axis], at), (takes, at.T)):
                for place, row in enumerate(variables):
                    entries += [(len(right), int(z), 1.0) for z in row]
                    entries += [(len(right), x, -1.0) for x, width in ends if width == place]
                    right.append(0.0)
        live = [ends for axis, ends in enumerate(live) if axis not in turn.dead]
        live += [takes] * turn.opens + [sends] * turn.kept
    return column, entries, right, shut, np.concatenate(costs)
