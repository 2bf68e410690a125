# SPDX-License-Identifier: Apache-2.0
"""The optimiser: the shortest interval that a budget allows, and within an interval the least price.

The initiation interval of a pipeline is the most cycles that any layer needs.  For a given interval every layer has its
set of foldings that are fast enough; layers depend on each other only through the widths of the streams between them,
and share one budget.  What fits an interval fits every longer one, so intervals are bisected.  Each question is
answered by bounds (:mod:`.bound`), and by going through what they leave (:mod:`.close`).  What was not proven when time
is up is told as a bound.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import define, evolve, field

from drawplate.errors import FlowError
from drawplate_dataflow.folding.bound import Bound, is_possible, shortfall, tighten
from drawplate_dataflow.folding.clock import Clock, Tell, quiet
from drawplate_dataflow.folding.close import close
from drawplate_dataflow.folding.goal import Goal, Plan
from drawplate_dataflow.folding.paths import Chain, walk
from drawplate_dataflow.folding.problem import COUNT, Option, Problem
from drawplate_dataflow.folding.tables import Costs, Turn, tables
from drawplate_dataflow.network import INPUT
from drawplate_dataflow.resources import total


@define(eq=False)
class Search:
    """A problem, a goal, and what is known of its answer."""

    problem: Problem
    goal: Goal
    clock: Clock = field(factory=Clock)
    tell: Tell = quiet
    _budget: Costs = field(init=False)
    _fitting: dict[int, tuple[Option, ...]] = field(init=False, factory=dict)
    """By interval, a folding within it and the budget, however dear."""

    def __attrs_post_init__(self) -> None:
        self._budget = np.array(self.goal.limits, float)

    @property
    def intervals(self) -> Sequence[int]:
        """Every number of cycles that some folding of some layer takes, ascending; the answer is one of them."""
        options = self.problem.options.values()
        least = max(min(option.own.cycles for option in some) for some in options)
        own = {option.own.cycles for some in options for option in some}
        return sorted(cycles for cycles in own | self.problem.arrivals() if cycles >= least)

    @property
    def longest(self) -> int:
        """An interval within which every folding is fast enough."""
        own = (option.own.cycles for some in self.problem.options.values() for option in some)
        return max(*own, *self.problem.arrivals())

    @property
    def possible(self) -> bool:
        """Whether some folding, however slow, is within the budget."""
        return bool(self._fits(self.longest, in_time=True))

    def fastest(self) -> Plan | None:
        """Return the cheapest folding of the shortest interval that the budget allows; None where nothing fits.

        Foldings that leave gaps are considered where their cycles are near those of the best one without.
        """
        found = self._shortest()
        while found is not None and self.problem.widen(found[0]):
            before, found = found[0], self._shortest(found[0])
            if found is None or 2 * found[0] > before:
                break
        if found is None:
            return None
        interval, proven = found
        plan = self.best(interval)
        return plan and evolve(plan, shortest=proven)

    def _shortest(self, fits: int | None = None) -> tuple[int, int] | None:
        """Return the shortest interval that the budget allows, and that below which none is proven to; None if none.

        Args:
            fits: one that is known to be allowed.
        """
        intervals = [cycles for cycles in self.intervals if fits is None or cycles <= fits]
        low, high, proven = 0, len(intervals) - 1, 0
        if fits is None and not self._fits(intervals[high], in_time=True):
            return None
        while low < high:
            middle = (low + high) // 2
            found = self._fits(intervals[middle])
            self.tell(0.5 / max(1, len(intervals).bit_length()), f"{intervals[middle]:,} cycles")
            if found:
                high = middle
            else:
                low = middle + 1
                if found is False:
                    proven = max(proven, low)
        return intervals[high], intervals[min(proven, high)]

    def _fits(self, interval: int, *, in_time: bool = False) -> bool | None:
        """Say whether some folding is within an interval and the budget; None where time is up before that is known.

        Args:
            interval: cycles per frame.
            in_time: whether it has to be known; the whole time limit is taken for that once more.

        Raises:
            FlowError: when it has to be known, and is not.
        """
        bound = self._bound(interval)
        if bound is None:
            return False
        found = is_possible(bound)
        if found is None:
            close(bound, Clock(self.clock.seconds) if in_time else self.clock, any_will_do=True)
            found = True if bound.best else (False if bound.closed else None)
        if bound.best is not None:
            self._fitting[interval] = chosen(bound.turns, bound.best.chain)
        if found is None and in_time:
            raise FlowError(
                f"no folding was found in {self.clock.seconds:g} s, and that there is none is not proven",
                where="fold",
                hint="a longer time_limit, or a little more of the budget",
            )
        return found

    def _bound(self, interval: int) -> Bound | None:
        turns = tables(self.problem, interval, self._budget)
        return None if turns is None else Bound(turns, self._budget, np.array(self.goal.costs))

    def best(self, interval: int) -> Plan | None:
        """Return the cheapest folding within an interval and the budget, or None."""
        bound = self._bound(interval)
        if bound is None:
            return None
        tighten(bound)
        if not bound.closed and bound.best is None and is_possible(bound) is False:
            return None
        if not bound.closed:
            close(bound, self.clock)
        if bound.best is not None:
            options = chosen(bound.turns, bound.best.chain)
        elif bound.closed or interval not in self._fitting:
            return None
        else:
            options = self._fitting[interval]
        plan = plan_of(self.problem, options)
        price = self.goal.price(plan.resources)
        return evolve(plan, shortest=0, least=min(bound.least, price), price=price)


def chosen(turns: Sequence[Turn], chain: Chain) -> tuple[Option, ...]:
    """Return the options of a folding."""
    return tuple(turn.options[choice] for turn, choice in zip(turns, chain, strict=True))


def plan_of(problem: Problem, chosen: Sequence[Option]) -> Plan:
    """Return a folding and what every layer of it costs.

    Args:
        problem: the network and its costs.
        chosen: an option for every layer, in the order of the network.
    """
    widths = {INPUT: chosen[0].takes} | {option.layer.name: option.sends for option in chosen}
    estimates = {}
    wrapper = total(option.around for option in chosen)
    for option in chosen:
        estimate = problem.estimate(option, [widths[name] for name in option.layer.inputs])
        assert estimate is not None, "the widths of a folding that was found can be joined"
        estimates[option.layer.name] = evolve(estimate, resources=estimate.resources - option.around)
    return Plan(
        foldings={option.layer.name: option.folding for option in chosen},
        estimates=estimates,
        takes=chosen[0].takes,
        sends=chosen[-1].sends,
        wrapper=wrapper,
    )


def least(problem: Problem, interval: int) -> Costs | None:
    """Return the least of each resource, and of LUT positions, taken by itself, that foldings within an interval need.

    None where some layer is too slow however it is folded.
    """
    turns = tables(problem, interval, None)
    return None if turns is None else walk(turns, np.eye(COUNT)).least


def needs(problem: Problem, interval: int, goal: Goal) -> float | None:
    """Return how many budgets every folding within an interval needs at least, whatever it trades for what.

    None where some layer is too slow however it is folded.
    """
    limits = np.array(goal.limits)
    turns = tables(problem, interval, np.full_like(limits, np.inf))
    return None if turns is None else shortfall(Bound(turns, limits, np.zeros_like(limits)))


def smallest_plan(problem: Problem, goal: Goal) -> Plan:
    """Return the cheapest folding of all, whatever its speed and the budget."""
    longest = max([option.own.cycles for some in problem.options.values() for option in some] + [*problem.arrivals()])
    turns = tables(problem, longest, None)
    assert turns is not None, "every layer can be built"
    found = walk(turns, np.array([[*goal.rates, 0.0]]))
    return plan_of(problem, chosen(turns, found.chain(0)))
