# SPDX-License-Identifier: Apache-2.0
"""From options to a folding, and the words that explain it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve, frozen

from drawplate.errors import FlowError, nearest
from drawplate_dataflow.folding.choices import uniform
from drawplate_dataflow.folding.nodes import from_finn
from drawplate_dataflow.folding.optimise import Goal, Plan, Problem, smallest_plan
from drawplate_dataflow.network import LayerFolding, Network
from drawplate_dataflow.resources import NAMES, Resources
from drawplate_target_z7020.fold_options import FoldOptions
from drawplate_target_z7020.parts import find_part

UNITS = {"lut": "LUT", "ff": "FF", "bram18": "RAMB18", "dsp": "DSP48E1"}


@frozen(kw_only=True)
class Decision:
    """A folding, and what has to be said about it."""

    foldings: Mapping[str, LayerFolding]
    notes: tuple[str, ...]


def budget_of(options: FoldOptions) -> Resources:
    """Return what may be used: the part under its ceiling, or what the options say."""
    scaled = find_part(options.board).budget.scaled(options.ceiling)
    given = {name: getattr(options, name) for name in NAMES if getattr(options, name) is not None}
    return evolve(scaled, **given)


def decide(problem: Problem, options: FoldOptions) -> Decision:
    """Choose a folding.

    Raises:
        FlowError: when what is asked for is not possible; says what binds and what to give up.
    """
    if options.folding:
        taken = from_finn(Path(options.folding), problem.network)
        checked = _checked(problem.network, taken.foldings)
        return Decision(foldings=checked, notes=(f"folding of {options.folding}", *taken.notes))
    if options.pe or options.simd or options.layers:
        return Decision(foldings=_given(problem.network, options), notes=("folding as given",))
    goal = Goal(budget=budget_of(options))
    return _for_rate(problem, options, goal) if options.target_fps else _fastest(problem, options, goal)


def _given(network: Network, options: FoldOptions) -> dict[str, LayerFolding]:
    names = [layer.name for layer in network.layers]
    for name in options.layers:
        if name not in names:
            raise FlowError(
                f"there is no layer {name!r}", where="fold, layers", allowed=names, meant=nearest(name, names)
            )
    found = {}
    for layer in network.layers:
        entry = options.layers.get(layer.name, {})
        wrong = sorted(set(entry) - {"pe", "simd", "dsp_pe"})
        if wrong:
            raise FlowError(f"unknown key {wrong[0]!r}", where=f"fold, layers.{layer.name}", allowed="pe, simd, dsp_pe")
        base = uniform(layer, network.sources(layer), options.pe or 1, options.simd or 1)
        pe, simd = entry.get("pe", base.pe), entry.get("simd", base.simd)
        blocks = entry.get("dsp_pe", 0)
        found[layer.name] = LayerFolding(pe=pe if base.pe else 0, simd=simd if base.simd else 0, dsp_pe=blocks)
    return _checked(network, found)


def _checked(network: Network, foldings: dict[str, LayerFolding]) -> dict[str, LayerFolding]:
    for layer in network.layers:
        folding = foldings[layer.name]
        legal = list(layer.foldings(network.sources(layer)))
        for key in ("pe", "simd"):
            allowed = sorted({getattr(choice, key) for choice in legal})
            if getattr(folding, key) not in allowed:
                raise FlowError(
                    f"{key.upper()} = {getattr(folding, key)} does not divide the layer",
                    where=f"fold, layer {layer.name}",
                    allowed=map(str, allowed),
                )
        if not 0 <= folding.dsp_pe <= folding.pe:
            raise FlowError(
                f"dsp_pe = {folding.dsp_pe} is not a part of PE = {folding.pe}",
                where=f"fold, layer {layer.name}",
                allowed=f"0 to {folding.pe}",
            )
    return foldings


def _for_rate(problem: Problem, options: FoldOptions, goal: Goal) -> Decision:
    assert options.target_fps is not None
    interval = int(options.clock_mhz * 1e6 / options.target_fps)
    plan = problem.best(interval, goal)
    if plan is None:
        fastest = problem.fastest(goal)
        if fastest is None:
            raise nothing_fits(problem, goal)
        rate = options.clock_mhz * 1e6 / fastest.cycles
        raise FlowError(
            f"{options.target_fps:,.0f} FPS at {options.clock_mhz:g} MHz ({interval} cycles) do not fit the budget",
            where="fold",
            allowed=f"at most {rate:,.0f} FPS ({fastest.cycles} cycles)",
            hint=binding(problem, interval, goal) or "lower target_fps, raise ceiling, or use fewer bits",
        )
    return Decision(foldings=plan.foldings, notes=(_said(plan, options, goal),))


def _fastest(problem: Problem, options: FoldOptions, goal: Goal) -> Decision:
    plan = problem.fastest(goal)
    if plan is None:
        raise nothing_fits(problem, goal)
    notes = [_said(plan, options, goal)]
    faster = [interval for interval in problem.intervals if interval < plan.cycles]
    if faster:
        notes.append(f"{faster[-1]} cycles do not fit: {binding(problem, faster[-1], goal)}")
    return Decision(foldings=plan.foldings, notes=tuple(notes))


def _said(plan: Plan, options: FoldOptions, goal: Goal) -> str:
    rate = options.clock_mhz * 1e6 / plan.cycles
    taken = ", ".join(
        f"{mine:,.0f} of {budget:,.0f} {UNITS[name]}"
        for name, mine, budget in zip(NAMES, plan.resources.vector, goal.budget.vector, strict=True)
        if mine
    )
    return f"{plan.cycles:,} cycles per frame, {rate:,.0f} FPS at {options.clock_mhz:g} MHz; estimated {taken}"


def binding(problem: Problem, interval: int, goal: Goal) -> str:
    """Say which resources an interval has too few of."""
    least = problem.least(interval)
    short = [
        f"{UNITS[name]}: at least {need:,.0f} needed, {have:,.0f} allowed"
        for name, need, have in zip(NAMES, least.vector, goal.budget.vector, strict=True)
        if need > have
    ]
    return "; ".join(short) or "no single resource is short, but none of the trades between them fits"


def nothing_fits(problem: Problem, goal: Goal) -> FlowError:
    """Say what the smallest folding needs, and what to give up."""
    least = smallest_plan(problem, goal)
    worst = max(problem.network.layers, key=lambda layer: least.estimates[layer.name].resources.lut)
    return FlowError(
        f"no folding fits: {binding(problem, problem.intervals[-1], goal)}",
        where="fold",
        allowed=f"the smallest folding takes {least.resources.lut:,.0f} LUT and {least.resources.bram18:,.0f} RAMB18",
        hint=f"use fewer weight bits or neurons; layer {worst.name} takes the most; or choose a larger board",
    )
