# SPDX-License-Identifier: Apache-2.0
"""A network that fits a device in no folding: which layers take how much, and what would fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from attrs import evolve

from drawplate.errors import FlowError
from drawplate_dataflow.folding.available import Available
from drawplate_dataflow.folding.goal import Plan
from drawplate_dataflow.folding.optimise import Search, needs, smallest_plan
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.folding.words import binding
from drawplate_dataflow.layers import MatMul
from drawplate_dataflow.network import Layer, Network
from drawplate_dataflow.network.types import BIPOLAR, signed

FEW: Final = 64
"""Products of PE and SIMD among which the smallest foldings are looked for."""
LISTED: Final = 5
"""Layers that a message names."""


def nothing_fits(search: Search, whole: Available) -> FlowError:
    """Say what the smallest folding needs, where it goes, and what to give up."""
    problem, longest = search.problem, search.longest
    smallest = smallest_plan(problem, whole.goal)
    hints = [*_narrower(problem, whole), *_thinner(problem, longest, whole), "a larger board"]
    return FlowError(
        f"no folding fits {whole.board.name} ({whole.board.part}): {binding(problem, longest, whole)}",
        where="fold",
        allowed=f"the smallest folding takes {_said(smallest, whole)}; most of it {_largest(problem, smallest, whole)}",
        hint=f"what would fit, estimated, not trained: {' or '.join(hints)}",
    )


def _said(plan: Plan, whole: Available) -> str:
    lut, _, ram, _ = plan.resources.vector
    return f"{lut:,.0f} {whole.labels[0].unit} and {ram:,.0f} {whole.labels[2].unit}"


def _largest(problem: Problem, plan: Plan, whole: Available) -> str:
    """Name the layers that take the largest parts of the budget."""
    ranked = sorted(problem.network.layers, key=lambda layer: -whole.goal.price(plan.estimates[layer.name].resources))
    found = []
    for layer in ranked[:LISTED]:
        lut, _, ram, _ = plan.estimates[layer.name].resources.vector
        taken = f"{lut:,.0f} {whole.labels[0].unit}, {ram:,.0f} {whole.labels[2].unit}"
        kept = f"{layer.weights.size:,} weights, " if isinstance(layer, MatMul) else ""
        found.append(f"layer {layer.name} ({kept}{taken})")
    return "; ".join(found)


def _narrower(problem: Problem, whole: Available) -> Iterator[str]:
    """Yield the most bits of weights with which the smallest foldings fit."""
    matrices = [layer for layer in problem.network.layers if isinstance(layer, MatMul)]
    widest = max((layer.weight_type.bits for layer in matrices), default=1)
    for bits in range(widest - 1, 0, -1):
        if _fits(_with_weights(problem.network, bits), problem, whole):
            yield f"weight_bits = {bits}"
            return


def _with_weights(network: Network, bits: int) -> Network:
    """Return a network whose weights have at most so many bits: its shapes and prices, not its answers."""
    kind = BIPOLAR if bits == 1 else signed(bits)
    layers: list[Layer] = []
    for layer in network.layers:
        if isinstance(layer, MatMul) and layer.weight_type.bits > bits:
            signs = np.where(layer.weights < 0, -1, 1)
            weights = signs if bits == 1 else np.clip(layer.weights, kind.low, kind.high)
            layers.append(evolve(layer, weights=weights, weight_type=kind))
        else:
            layers.append(layer)
    return evolve(network, layers=tuple(layers))


def _fits(network: Network, problem: Problem, whole: Available) -> bool:
    """Whether a network fits with few elements at once in every layer."""
    small = Problem(network, problem.costs, multipliers=0, widest=FEW)
    return Search(small, whole.goal).fastest() is not None


def _thinner(problem: Problem, longest: int, whole: Available) -> Iterator[str]:
    """Yield the part of the channels with whose weights, their square, the budget might do."""
    needed = needs(problem, longest, whole.goal)
    if needed is None:
        return
    if needed > 1:
        yield f"about {needed**-0.5:.0%} of the channels"
