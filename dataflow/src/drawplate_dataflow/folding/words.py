# SPDX-License-Identifier: Apache-2.0
"""What has to be said about a folding."""

from __future__ import annotations

from collections.abc import Iterator

from drawplate_dataflow.folding.available import Available
from drawplate_dataflow.folding.goal import Plan
from drawplate_dataflow.folding.optimise import least, needs
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.host import Crossing
from drawplate_dataflow.resources import Resources

FULL = 0.95
"""Part of the room on a device from which on it is told."""
TWICE = 2.0
"""From how much more than is allowed on it is told as a multiple."""
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
    found = f"{plan.cycles:,} cycles per frame, {rate}; estimated {taken(plan.resources, whole)}"
    return f"{found}; {wrapped(plan.wrapper, whole)}" if plan.wrapper.lut else found


def wrapped(wrapper: Resources, whole: Available) -> str:
    """Say what of it is the wrapper's."""
    return f"the wrapper's {wrapper.lut:,.0f} {whole.labels[0].unit} are among them"


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
    comes = min(port.comes(network.input, option.takes) for option in first)
    goes = min(port.goes(network.output, option.sends) for option in last)
    if comes >= plan.cycles:
        return f"bound by the input port: {Crossing('input', network.input, plan.cycles, port.said(port.into.bits))}"
    if goes >= plan.cycles:
        return f"bound by the output port: {Crossing('output', network.output, plan.cycles, port.said(port.out.bits))}"
    return None


def standing(plan: Plan, whole: Available) -> tuple[str, ...]:
    """Say where a folding goes beyond what has been shown to place, and what a placer takes beside the estimate."""
    board, notes = whole.board, [*_room_note(plan, whole)]
    for label, mine in zip(whole.labels, plan.resources.vector, strict=True):
        share, shown = mine / (board.budget.get(label.name) or 1), board.placed.get(label.name)
        if shown is not None and share > shown:
            notes.append(
                f"{share:.0%} of the {label.unit}s of {board.part}: more than the {shown:.0%} that have been shown to "
                "place and route; carry chains take 8 to 25 % more positions than are counted"
            )
    if board.placed_mhz is not None and whole.clock_mhz > board.placed_mhz:
        notes.append(f"{whole.clock_mhz:g} MHz is a wish: {board.placed_mhz:g} MHz have been shown on {board.part}")
    return tuple(notes)


def _room_note(plan: Plan, whole: Available) -> Iterator[str]:
    """Say what a placer packs, where there is hardly room for more."""
    room = whole.goal.room
    if room is not None and (packed := room.taken(plan.resources)) > FULL * room.positions:
        unit = whole.labels[0].unit
        yield (
            f"with the ends of carry chains {packed:,.0f} positions of {unit}s, of {room.positions:,.0f} that a placer "
            f"is taken to find in {whole.board.part}"
        )


def binding(problem: Problem, interval: int, whole: Available) -> str:
    """Say which resources an interval has too few of."""
    found = least(problem, interval)
    if found is None:
        return slowest(problem)
    units = (*(label.unit for label in whole.labels), f"positions of {whole.labels[0].unit}s, carry chains included")
    short = [
        f"{unit}: at least {need:,.0f} needed, {have:,.0f} allowed"
        for unit, need, have in zip(units, found, whole.goal.limits, strict=False)
        if need > have
    ]
    return "; ".join(short) or together(problem, interval, whole)


def together(problem: Problem, interval: int, whole: Available) -> str:
    """Say by how much an interval is beyond the budget though no single resource is short."""
    found = needs(problem, interval, whole.goal)
    if found is None:
        return slowest(problem)
    if found <= 1:
        return "no single resource is short, but none of the trades between them fits"
    more = f"{found:.1f} times what" if found > TWICE else f"{found - 1:.1%} more than"
    return f"no single resource is short, but all trades between them need at least {more} is allowed"


def slowest(problem: Problem) -> str:
    """Say which layer takes the most cycles however it is folded."""
    fewest = {name: min(option.own.cycles for option in some) for name, some in problem.options.items()}
    name = max(fewest, key=lambda layer: fewest[layer])
    return f"layer {problem.network.layer(name).said} takes at least {fewest[name]:,} cycles"
