# SPDX-License-Identifier: Apache-2.0
"""A folding as an integer programme, solved by HiGHS.

``x[option]`` says which option a layer has and ``z[input, arriving, taken]`` which widths meet at an input.  Where all
``x`` are whole, the ``z`` are too; HiGHS is quicker when it may branch on either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drawplate_dataflow.folding.clock import Clock
from drawplate_dataflow.folding.paths import Chain, cost_of
from drawplate_dataflow.folding.tables import Costs, Side, Turn

OPTIMAL: Final = 0
INFEASIBLE: Final = 2
Entry = tuple[int, int, float]
Ends = list[tuple[int, int]]
"""Of a stream: variable of an option that sends or takes it, place of the width."""


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
    columns, entries, right, costs = _build(turns)
    rows, places, values = zip(*entries, strict=True)
    equal = coo_array((values, (rows, places)), shape=(len(right), columns)).tocsr()
    scale = np.where(budget > 0, budget, 1.0)
    found = milp(
        costs @ rates,
        integrality=np.ones(columns),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(equal, right, right),
            LinearConstraint((costs / scale).T, -np.inf, budget / scale),
        ],
        options={"time_limit": max(0.1, min(clock.wall, 1e6)), "mip_rel_gap": 1e9 if any_will_do else 0.0},
    )
    if found.x is None:
        return None, found.status == INFEASIBLE
    chain, at = [], 0
    for turn in turns:
        chain.append(int(np.argmax(found.x[at : at + len(turn.options)])))
        at += len(turn.options)
    fits = bool((cost_of(turns, tuple(chain)) <= budget).all())
    return (tuple(chain) if fits else None), fits and found.status == OPTIMAL


def _build(turns: Sequence[Turn]) -> tuple[int, list[Entry], list[float], Costs]:
    """Return the number of variables, the equations, and [variables, resources]."""
    column = sum(len(turn.options) for turn in turns)
    entries: list[Entry] = []
    right: list[float] = []
    costs = [turn.costs for turn in turns]
    live: list[Ends] = []
    first = 0
    for turn in turns:
        own = range(first, first + len(turn.options))
        first = own.stop
        takes = [(at, turn.takes.index(option.takes)) for at, option in zip(own, turn.options, strict=True)]
        sends = [(at, turn.sends.index(option.sends)) for at, option in zip(own, turn.options, strict=True)]
        entries += [(len(right), at, 1.0) for at in own]
        right.append(1.0)
        for side in turn.sides:
            meeting = _meeting(side, live[side.axis], takes)
            costs.append(side.costs[tuple(meeting.T)])
            for ends, widths in ((live[side.axis], meeting[:, 0]), (takes, meeting[:, 1])):
                for place in sorted({width for _, width in ends}):
                    entries += [(len(right), column + int(z), 1.0) for z in np.flatnonzero(widths == place)]
                    entries += [(len(right), x, -1.0) for x, width in ends if width == place]
                    right.append(0.0)
            column += len(meeting)
        live = [ends for axis, ends in enumerate(live) if axis not in turn.dead]
        live += [takes] * turn.opens + [sends] * turn.kept
    return column, entries, right, np.concatenate(costs)


def _meeting(side: Side, arriving: Ends, taken: Ends) -> NDArray[np.intp]:
    """Return the widths that options have on both ends of an input and that can be joined, [pairs, 2]."""
    open_ = np.zeros(side.closed.shape, bool)
    open_[np.ix_(sorted({width for _, width in arriving}), sorted({width for _, width in taken}))] = True
    return np.argwhere(open_ & np.isfinite(side.closed))
