# SPDX-License-Identifier: Apache-2.0
"""A network that fits a device in no folding: which layers take how much, and what would fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from drawplate.errors import FlowError
from drawplate_dataflow.folding.available import Available
from drawplate_dataflow.folding.goal import Plan
from drawplate_dataflow.folding.narrower import widest_weights, with_activations, with_weights
from drawplate_dataflow.folding.optimise import Search, needs, smallest_plan
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.folding.words import binding, wrapped
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import Network

FEW: Final = 8
"""Products of PE and SIMD among which the smallest foldings of other numbers of bits are looked for."""
SAVED: Final = 2.0
"""How often less than in proportion to the bits of its weights a network may need."""
LISTED: Final = 5
"""Layers that a message names."""


def nothing_fits(search: Search, whole: Available) -> FlowError:
    """Say what the smallest folding needs, where it goes, and what to give up."""
    problem, longest = search.problem, search.longest
    smallest = smallest_plan(problem, whole.goal)
    needed = needs(problem, longest, whole.goal)
    around = smallest.wrapper.lut / (whole.goal.budget.lut or 1.0)
    hints = [] if needed is None else [*_narrower(problem, max(needed, 1.0), whole), *_thinner(needed, around)]
    hints.append("a larger board")
    return FlowError(
        f"no folding fits {whole.board.name} ({whole.board.part}): {binding(problem, longest, whole)}",
        where="fold",
        allowed=f"the smallest folding takes {_said(smallest, whole)}; most of it {_largest(problem, smallest, whole)}",
        hint=f"what would fit, estimated, not trained: {' or '.join(hints)}",
    )


def _said(plan: Plan, whole: Available) -> str:
    lut, _, ram, _ = plan.resources.vector
    taken = f"{lut:,.0f} {whole.labels[0].unit} and {ram:,.0f} {whole.labels[2].unit}"
    return f"{taken} ({wrapped(plan.wrapper, whole)})" if plan.wrapper.lut else taken


def _largest(problem: Problem, plan: Plan, whole: Available) -> str:
    """Name the layers that take the largest parts of the budget."""
    ranked = sorted(problem.network.layers, key=lambda layer: -whole.goal.price(plan.estimates[layer.name].resources))
    found = []
    for layer in ranked[:LISTED]:
        lut, _, ram, _ = plan.estimates[layer.name].resources.vector
        taken = f"{lut:,.0f} {whole.labels[0].unit}, {ram:,.0f} {whole.labels[2].unit}"
        kept = f"{layer.weights.size:,} weights, " if isinstance(layer, MatMul) else ""
        found.append(f"layer {layer.said}: {kept}{taken}")
    return "; ".join(found)


def _narrower(problem: Problem, needed: float, whole: Available) -> Iterator[str]:
    """Yield the most bits of weights, and of weights and activations, with which the smallest foldings fit.

    Args:
        problem: what does not fit.
        needed: budgets that it needs, to which no number of bits is tried that saves far too little.
        whole: what is available.
    """
    network, widest = problem.network, widest_weights(problem.network)
    tried = min(widest - 1, int(SAVED * widest / needed))
    alone = _most(0, tried, lambda bits: _fits(with_weights(network, bits), problem, whole))
    both = _most(alone, tried, lambda bits: _fits(with_activations(with_weights(network, bits), bits), problem, whole))
    if alone:
        yield f"weight_bits = {alone}"
    if both > alone:
        yield f"weight_bits = {both} and act_bits = {both}"


def _most(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the largest number from ``low`` to ``high`` that holds, ``low`` where none above it does; bisected."""
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _fits(network: Network, problem: Problem, whole: Available) -> bool:
    """Whether a network fits with few elements at once in every layer."""
    small = Problem(network, problem.costs, wrapper=problem.wrapper, multipliers=0, widest=FEW)
    return all(small.options.values()) and Search(small, whole.goal).possible


def _thinner(needed: float, around: float) -> Iterator[str]:
    """Yield the part of the channels with whose weights, their square, the budget might do.

    Args:
        needed: budgets.
        around: part of the budget that the wrapper takes, whatever the network.
    """
    if needed > 1 > around:
        yield f"about {((needed - around) / (1 - around)) ** -0.5:.0%} of the channels"
