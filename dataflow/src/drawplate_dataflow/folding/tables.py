# SPDX-License-Identifier: Apache-2.0
"""A problem within an interval, as arrays: what is fast enough, and is not beaten by another in every resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from drawplate_dataflow.folding.problem import COUNT, Option, Problem
from drawplate_dataflow.network import INPUT

Costs = NDArray[np.float64]


@frozen(eq=False)
class Side:
    """An input of a layer that another layer's stream feeds."""

    axis: int
    """Of the stream, among those that are read by this or a later layer."""
    costs: Costs
    """[widths that arrive, widths that are taken, resources] of converters."""
    closed: Costs
    """[widths that arrive, widths that are taken]: infinite where the two cannot be joined, or not in time; else 0."""


@frozen(eq=False)
class Turn:
    """A layer's part in a walk through the network."""

    options: tuple[Option, ...]
    """Sorted by what they take and send."""
    costs: Costs
    """[options, resources]"""
    starts: NDArray[np.intp]
    """The first option of every pair of widths."""
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]]
    """The two widths of these, as places among ``takes`` and ``sends``."""
    takes: tuple[int, ...]
    sends: tuple[int, ...]
    sides: tuple[Side, ...]
    live: int
    """Streams that are read by this or a later layer, before it."""
    dead: tuple[int, ...]
    """Axes of those that no later layer reads."""
    opens: bool
    """Whether it is the first layer and others read the network's input too, in words as wide as it takes."""
    kept: bool
    """Whether its output is read."""

    def keeping(self, rows: NDArray[np.intp]) -> Turn:
        """Return the turn with some of its options; what they take and send keeps its place."""
        return _turn(self, tuple(self.options[row] for row in rows), self.costs[rows])


def tables(problem: Problem, interval: int, budget: Costs | None) -> tuple[Turn, ...] | None:
    """Return what may be chosen within an interval; None where some layer is too slow however it is folded.

    Args:
        problem: the network and its costs.
        interval: cycles per frame.
        budget: what one option may take at most, [resources] or [resources and positions of LUTs]; None for any.
    """
    layers, streams = problem.network.layers, dict[str, tuple[int, ...]]()
    live: list[str] = []
    turns = []
    for at, layer in enumerate(layers):
        options, costs = _fast_enough(problem, layer.name, interval, budget)
        if not options:
            return None
        takes = tuple(sorted({option.takes for option in options}))
        sends = tuple(sorted({option.sends for option in options}))
        later = {name for reader in layers[at + 1 :] for name in reader.inputs}
        sides = []
        for side, name in enumerate(layer.inputs if at else ()):
            sides.append(_side(problem, (layer.name, side), live.index(name), (streams[name], takes), interval, budget))
        dead = tuple(axis for axis, name in enumerate(live) if name not in later)
        opens = at == 0 and INPUT in later
        bare = Turn((), costs[:0], np.empty(0, np.intp), (np.empty(0, np.intp),) * 2, takes, sends,
                    tuple(sides), len(live), dead, opens, layer.name in later)  # fmt: skip
        turns.append(_turn(bare, options, costs))
        live = [name for name in live if name in later]
        if opens:
            live.append(INPUT)
            streams[INPUT] = takes
        if layer.name in later:
            live.append(layer.name)
            streams[layer.name] = sends
    return tuple(turns)


def _fast_enough(problem: Problem, name: str, interval: int, budget: Costs | None) -> tuple[tuple[Option, ...], Costs]:
    """Return a layer's options within an interval that no other of equal widths is better than, sorted by widths."""
    options = problem.options[name]
    widths, cycles, costs = problem.columns(name)
    fits = cycles <= interval
    if budget is not None:
        costs = costs[:, : len(budget)]
        fits &= (costs <= budget).all(axis=1)
    rows = np.flatnonzero(fits)
    rows = rows[np.lexsort((widths[rows, 1], widths[rows, 0]))]
    key = ("kept", widths[rows].tobytes(), costs[rows].tobytes())
    if key not in problem.memo:  # layers that are alike have equal columns, and intervals often the same options
        problem.memo[key] = _best_of_equal_widths(widths[rows], costs[rows])
    rows = rows[problem.memo[key]]
    return tuple(options[row] for row in rows), costs[rows]


def _best_of_equal_widths(widths: NDArray[np.int64], costs: Costs) -> NDArray[np.intp]:
    if not len(widths):
        return np.empty(0, np.intp)
    starts = np.flatnonzero(np.append(True, (np.diff(widths, axis=0) != 0).any(axis=1)))
    ends = [*starts[1:], len(widths)]
    groups = zip(starts, ends, strict=True)
    return np.concatenate([start + np.sort(non_dominated(costs[start:end])) for start, end in groups])


def _side(
    problem: Problem,
    place: tuple[str, int],
    axis: int,
    widths: tuple[Sequence[int], Sequence[int]],
    interval: int,
    budget: Costs | None,
) -> Side:
    arrives, takes = widths
    name, side = place
    key = (
        "side",
        problem.shape(name),
        side,
        tuple(arrives),
        takes,
        interval,
        None if budget is None else budget.tobytes(),
    )
    if key not in problem.memo:
        problem.memo[key] = _joints(problem, place, widths, interval, budget)
    return Side(axis, *problem.memo[key])


def _joints(
    problem: Problem,
    place: tuple[str, int],
    widths: tuple[Sequence[int], Sequence[int]],
    interval: int,
    budget: Costs | None,
) -> tuple[Costs, Costs]:
    arrives, takes = widths
    width = COUNT if budget is None else len(budget)
    costs, closed = np.zeros((len(arrives), len(takes), width)), np.zeros((len(arrives), len(takes)))
    for i, beat in enumerate(arrives):
        for j, wide in enumerate(takes):
            found = problem.converter(*place, beat, wide)
            if found is None or found.cycles > interval:
                closed[i, j] = np.inf
                continue
            costs[i, j] = problem.cost(found.resources)[:width]
            if budget is not None and (costs[i, j] > budget).any():
                closed[i, j] = np.inf
    return costs, closed


def _turn(like: Turn, options: tuple[Option, ...], costs: Costs) -> Turn:
    taken = {width: at for at, width in enumerate(like.takes)}
    sent = {width: at for at, width in enumerate(like.sends)}
    places = [(taken[option.takes], sent[option.sends]) for option in options]
    starts = [at for at, place in enumerate(places) if at == 0 or place != places[at - 1]]
    pairs = np.array([places[at] for at in starts], np.intp).reshape(-1, 2)
    return Turn(options, costs, np.array(starts, np.intp), (pairs[:, 0], pairs[:, 1]), like.takes, like.sends,
                like.sides, like.live, like.dead, like.opens, like.kept)  # fmt: skip


_BLOCK: Final = 256


def non_dominated(vectors: Costs) -> NDArray[np.intp]:
    """Return the rows that no other row is at most as large as in every column; of equal rows, one."""
    order = np.lexsort(vectors.T[::-1])
    kept, chosen = np.empty((0, vectors.shape[1])), [np.empty(0, np.intp)]
    for start in range(0, len(order), _BLOCK):
        rows = order[start : start + _BLOCK]
        rows = rows[~_covered(kept, vectors[rows])]
        block = vectors[rows]
        # A row can only be dominated by one that is sorted before it.
        inside = (block[:, None] <= block[None]).all(axis=2) & np.triu(np.ones((len(rows),) * 2, bool), 1)
        rows = rows[~inside.any(axis=0)]
        chosen.append(rows)
        kept = np.concatenate([kept, vectors[rows]])
    return np.concatenate(chosen)


def _covered(kept: Costs, block: Costs) -> NDArray[np.bool_]:
    """Whether some kept row is at most as large as a row of the block, column by column without a cube in memory."""
    found: NDArray[np.bool_] = np.ones((len(kept), len(block)), bool)
    for column in range(kept.shape[1]):
        np.logical_and(found, kept[:, column, None] <= block[None, :, column], out=found)
    return np.asarray(found.any(axis=0))
