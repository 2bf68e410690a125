# SPDX-License-Identifier: Apache-2.0
"""From options to a folding, and the words that explain it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from drawplate.errors import FlowError
from drawplate_dataflow.folding.available import Available
from drawplate_dataflow.folding.by_hand import by_hand, checked
from drawplate_dataflow.folding.clock import Clock, Tell, quiet
from drawplate_dataflow.folding.goal import Plan
from drawplate_dataflow.folding.nodes import from_finn
from drawplate_dataflow.folding.optimise import Search
from drawplate_dataflow.folding.options import FoldOptions
from drawplate_dataflow.folding.problem import Problem
from drawplate_dataflow.folding.refusal import nothing_fits
from drawplate_dataflow.folding.words import binding, port_note, proof, slowest, standing, summary
from drawplate_dataflow.network import LayerFolding, Network

WITHOUT_PORT: Final = "embedded = true leaves it out, where the network goes into logic of your own"


@frozen(kw_only=True)
class Decision:
    """A folding, and what has to be said about it."""

    foldings: Mapping[str, LayerFolding]
    notes: tuple[str, ...]
    plan: Plan | None = None
    """None where the folding was given."""


@frozen(kw_only=True)
class Looked(Decision):
    """A folding that was looked for."""

    plan: Plan


def given(network: Network, options: FoldOptions) -> Decision | None:
    """Return the folding that the options say; None where it has to be looked for.

    Raises:
        FlowError: when it is none for this network.
    """
    if options.folding:
        taken = from_finn(Path(options.folding), network)
        return Decision(
            foldings=checked(network, taken.foldings), notes=(f"folding of {options.folding}", *taken.notes)
        )
    if options.pe or options.simd or options.layers:
        return Decision(foldings=by_hand(network, options), notes=("folding as given",))
    return None


def decide(
    problem: Problem, options: FoldOptions, whole: Available, tell: Tell = quiet, clock: Clock | None = None
) -> Decision:
    """Look for a folding.

    Args:
        problem: the network and its costs.
        options: of the step.
        whole: what may be used.
        tell: told how far the search is.
        clock: when to stop; None for the time limit from now on.

    Raises:
        FlowError: when what is asked for is not possible; says what binds and what to give up.
    """
    search = Search(problem, whole.goal, clock or Clock(options.time_limit), tell)
    found = _for_rate(search, options.target_fps, whole) if options.target_fps else _fastest(search, whole)
    return evolve(found, notes=(*found.notes, *standing(found.plan, whole), *whole.notes))


def _for_rate(search: Search, fps: float, whole: Available) -> Looked:
    problem, interval = search.problem, int(whole.clock_mhz * 1e6 / fps)
    problem.widen(interval)
    plan = search.best(interval)
    if plan is not None:
        return Looked(foldings=plan.foldings, notes=(summary(plan, whole), proof(plan)), plan=plan)
    fastest = search.fastest()
    if fastest is None:
        raise nothing_fits(search, whole)
    port = port_note(problem, fastest, whole)
    raise FlowError(
        f"{fps:,.0f} FPS at {whole.clock_mhz:g} MHz ({interval} cycles) do not fit the budget",
        where="fold",
        allowed=f"at most {whole.rate(fastest.cycles):,.0f} FPS ({fastest.cycles} cycles)",
        hint=f"{port}; {WITHOUT_PORT}" if port else binding(problem, interval, whole),
    )


def _fastest(search: Search, whole: Available) -> Looked:
    problem, plan = search.problem, search.fastest()
    if plan is None:
        raise nothing_fits(search, whole)
    notes = [summary(plan, whole), proof(plan)]
    faster = [interval for interval in search.intervals if interval < plan.cycles]
    port = port_note(problem, plan, whole)
    if port:
        notes.append(port)
    elif faster:
        notes.append(f"{faster[-1]:,} cycles do not fit: {binding(problem, faster[-1], whole)}")
    else:
        notes.append(f"no folding is faster: {slowest(problem)}")
    return Looked(foldings=plan.foldings, notes=tuple(notes), plan=plan)
