# SPDX-License-Identifier: Apache-2.0
"""What has to be said about a folding."""

from __future__ import annotations

from drawplate.errors import FlowError
from drawplate_dataflow.folding.available import Available
from drawplate_dataflow.folding.goal import Plan
from drawplate_dataflow.folding.optimise import least, smallest_plan
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.resources import Resources

NEAR = 0.001
"""Relative gap below which a folding is as good as the best."""


def taken(resources: Resources, whole: Available) -> str:
    """Say what is used of what may be used."""
    return ", ".join(
        f"{mine:,.0f} of {budget:,.0f} {label.unit}"
        for label, mine, budget in zip(whole.labels, resources.vector, whole.goal.budget.vector, strict=True)
        if mine
    )


def summary(plan: Plan, whole: Available) -> str:
    """Say how fast a folding is and what it takes."""
    rate = f"{whole.rate(plan.cycles):,.0f} FPS at {whole.clock_mhz:g} MHz"
    return f"{plan.cycles:,} cycles per frame, {rate}; estimated {taken(plan.resources, whole)}"


def proof(plan: Plan) -> str:
    """Say what is proven of a folding: that it is the best one, or how far from that it may be."""
    said = []
    slower = plan.cycles / plan.shortest - 1 if plan.shortest else 0.0
    dearer = (plan.price - plan.least) / plan.least if plan.least > 0 else 0.0
    if slower > NEAR:
        said.append(f"its rate at most {slower:.1%} below the best")
    if dearer > NEAR:
        said.append(f"its price at most {dearer:.1%} above the least")
    if not said:
        return "optimal: of all foldings considered none is faster, and none as fast is cheaper"
    return f"time is up before it is proven optimal: {', '.join(said)}; a longer time_limit may find a better one"


def port_note(problem: Problem, plan: Plan, whole: Available) -> str | None:
    """Say that the port binds, where no folding gets a frame through it faster."""
    if whole.port is None:
        return None
    network, port = problem.network, whole.port
    first, last = problem.options[network.layers[0].name], problem.options[network.layers[-1].name]
    ways = (
        ("input", network.input, {option.takes for option in first}),
        ("output", network.output, {option.sends for option in last}),
    )
    for name, stream, widths in ways:
        if min(port.cycles(stream, lanes) for lanes in widths) >= plan.cycles:
            said = f"{stream.elements:,} elements of {stream.type.bits} bits through {port.bits} bits a clock"
            return f"bound by the {name} port: {said} take {plan.cycles:,} cycles"
    return None


def binding(problem: Problem, interval: int, whole: Available) -> str:
    """Say which resources an interval has too few of."""
    found = least(problem, interval)
    if found is None:
        return slowest(problem)
    short = [
        f"{label.unit}: at least {need:,.0f} needed, {have:,.0f} allowed"
        for label, need, have in zip(whole.labels, found.vector, whole.goal.budget.vector, strict=True)
        if need > have
    ]
    return "; ".join(short) or "no single resource is short, but none of the trades between them fits"


def slowest(problem: Problem) -> str:
    """Say which layer takes the most cycles however it is folded."""
    fewest = {name: min(option.own.cycles for option in some) for name, some in problem.options.items()}
    name = max(fewest, key=lambda layer: fewest[layer])
    return f"layer {name} takes at least {fewest[name]:,} cycles"


def nothing_fits(problem: Problem, interval: int, whole: Available) -> FlowError:
    """Say what the smallest folding needs, and what to give up."""
    smallest = smallest_plan(problem, whole.goal)
    worst = max(problem.network.layers, key=lambda layer: smallest.estimates[layer.name].resources.lut)
    return FlowError(
        f"no folding fits: {binding(problem, interval, whole)}",
        where="fold",
        allowed=f"the smallest folding takes {_plain(smallest.resources, whole)}",
        hint=f"use fewer weight bits or neurons; layer {worst.name} takes the most; or choose a larger board",
    )


def _plain(resources: Resources, whole: Available) -> str:
    return " and ".join(
        f"{mine:,.0f} {label.unit}" for label, mine in list(zip(whole.labels, resources.vector, strict=True))[::2]
    )
