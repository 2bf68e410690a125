# SPDX-License-Identifier: Apache-2.0
"""The cheapest folding at given prices of resources, for several price lists at once.

With prices a cost is one number, and a network is walked from layer to layer: for every combination of the widths of
streams that later layers read, the least cost of all before.  One width in a chain, two or three in residual networks
(variable elimination; R. Bellman, Dynamic Programming, 1957).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from drawplate_dataflow.folding.tables import Costs, Turn

Chain = tuple[int, ...]
"""The option chosen for every layer, by its place in the layer's turn."""


@frozen(eq=False)
class Walk:
    """The way through a network at some price lists."""

    turns: Sequence[Turn]
    prices: Costs
    """[lists, resources]"""
    groups: tuple[Costs, ...]
    """By layer: [lists, widths taken, widths sent], the cheapest option of each pair."""
    joined: tuple[Costs, ...]
    """By layer: [lists, widths of the streams that are live or 1, widths taken], the converters at its inputs."""
    before: tuple[Costs, ...]
    """By layer: [lists, widths of the streams that are live], the least cost of all layers before it."""
    least: Costs
    """[lists]: the least cost of all layers; infinite where widths cannot be joined."""

    def chain(self, at: int) -> Chain:
        """Return the cheapest folding at one of the price lists."""
        found: list[int] = []
        live: tuple[int, ...] = ()
        for number in reversed(range(len(self.turns))):
            turn = self.turns[number]
            live, option = self._back(turn, number, at, live)
            found.append(option)
        return tuple(reversed(found))

    def _back(self, turn: Turn, number: int, at: int, live: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
        """Return the widths before a layer and its option, from the widths behind it."""
        group = self.groups[number][at]
        sends: int | slice = slice(None)
        if turn.kept:
            *rest, sends = live
            live = tuple(rest)
        if turn.opens:
            live, takes = live[:-1], slice(live[-1], live[-1] + 1)
        else:
            takes = slice(None)
        ahead = group[takes, sends] if turn.kept else group[takes].min(axis=1)
        waiting = iter(live)
        index = tuple(slice(None) if axis in turn.dead else next(waiting) for axis in range(turn.live))
        reached = (self.before[number][..., None] + self.joined[number])[at][index][..., takes] + ahead
        *ended, at_takes = np.unravel_index(int(np.argmin(reached)), reached.shape)
        took = int(at_takes) + (takes.start or 0)
        gone, stays = iter(ended), iter(live)
        whole = tuple(int(next(gone)) if axis in turn.dead else next(stays) for axis in range(turn.live))
        sent = sends if isinstance(sends, int) else int(np.argmin(group[took]))
        return whole, self._option(turn, at, took, sent)

    def _option(self, turn: Turn, at: int, took: int, sent: int) -> int:
        pair = int(np.flatnonzero((turn.pairs[0] == took) & (turn.pairs[1] == sent))[0])
        start = int(turn.starts[pair])
        end = int(turn.starts[pair + 1]) if pair + 1 < len(turn.starts) else len(turn.options)
        return start + int(np.argmin(turn.costs[start:end] @ self.prices[at]))


def walk(turns: Sequence[Turn], prices: Costs) -> Walk:
    """Find the cheapest foldings.

    Args:
        turns: of the layers.
        prices: [lists, resources], of one unit each.
    """
    state: Costs = np.zeros(len(prices))
    groups, joined, before = [], [], []
    for turn in turns:
        before.append(state)
        groups.append(_groups(turn, prices))
        joined.append(_joined(turn, prices))
        reached = state[..., None] + joined[-1]
        if turn.dead:
            reached = reached.min(axis=tuple(axis + 1 for axis in turn.dead))
        state = _leave(turn, reached, groups[-1])
    return Walk(turns, prices, tuple(groups), tuple(joined), tuple(before), state)


def _groups(turn: Turn, prices: Costs) -> Costs:
    found = np.full((len(prices), len(turn.takes), len(turn.sends)), np.inf)
    if len(turn.options):
        found[:, turn.pairs[0], turn.pairs[1]] = np.minimum.reduceat(prices @ turn.costs.T, turn.starts, axis=1)
    return found


def _joined(turn: Turn, prices: Costs) -> Costs:
    """Return the cost of the converters at the inputs of a layer."""
    found = np.zeros((len(prices), *([1] * turn.live), len(turn.takes)))
    for side in turn.sides:
        joint = np.moveaxis(side.costs @ prices.T, -1, 0) + side.closed
        shape = [len(prices)] + [1] * turn.live + [len(turn.takes)]
        shape[1 + side.axis] = joint.shape[1]
        found = found + joint.reshape(shape)
    return found


def _leave(turn: Turn, reached: Costs, group: Costs) -> Costs:
    """Choose what a layer takes, unless others read the input too, and what it sends where nobody reads that."""
    behind = group if turn.kept else group.min(axis=2, keepdims=True)
    lists, *live, takes = reached.shape
    whole = reached[..., None] + behind.reshape(lists, *([1] * len(live)), takes, behind.shape[2])
    if not turn.opens:
        whole = whole.min(axis=-2)
    return whole if turn.kept else whole[..., 0]


def behind(found: Walk) -> list[Costs]:
    """Return, by layer, [lists, widths of the streams that are live behind it]: the least cost of all later layers."""
    ahead: Costs = np.zeros(len(found.prices))
    costs: list[Costs] = []
    for number in reversed(range(len(found.turns))):
        costs.append(ahead)
        ahead = _ahead(found.turns[number], found.joined[number], found.groups[number], ahead)
    return costs[::-1]


def through(found: Walk, later: Sequence[Costs]) -> list[Costs]:
    """Return, by layer, [lists, options]: the least cost of all foldings that use an option.

    Args:
        found: a walk to its end.
        later: what ``behind`` says of it.
    """
    return [
        _uses(turn, found.prices, before[..., None] + joined, ahead)
        for turn, before, joined, ahead in zip(found.turns, found.before, found.joined, later, strict=True)
    ]


def _spread(turn: Turn, ahead: Costs) -> Costs:
    """Return the cost to go behind a layer as [lists, live widths that stay, widths taken, widths sent]."""
    if not turn.kept:
        ahead = ahead[..., None]
    return ahead if turn.opens else ahead[..., None, :]


def _uses(turn: Turn, prices: Costs, reached: Costs, ahead: Costs) -> Costs:
    best = reached.min(axis=tuple(axis + 1 for axis in turn.dead)) if turn.dead else reached
    whole = best[..., None] + _spread(turn, ahead)
    over = tuple(range(1, whole.ndim - 2))
    pairs = whole.min(axis=over) if over else whole
    pairs = np.broadcast_to(pairs, (len(prices), len(turn.takes), pairs.shape[2]))
    sent = turn.pairs[1] if turn.kept else np.zeros_like(turn.pairs[1])
    lengths = np.diff([*turn.starts, len(turn.options)])
    rest = np.repeat(pairs[:, turn.pairs[0], sent], lengths, axis=1)
    uses: Costs = rest + prices @ turn.costs.T
    return uses


def _ahead(turn: Turn, joined: Costs, group: Costs, ahead: Costs) -> Costs:
    """Return [lists, live widths]: the cost to go before a layer."""
    behind = group if turn.kept else group.min(axis=2, keepdims=True)
    spread = _spread(turn, ahead)
    staying = spread.ndim - 3
    best = (behind.reshape(len(group), *([1] * staying), *behind.shape[1:]) + spread).min(axis=-1)
    for axis in turn.dead:
        best = np.expand_dims(best, axis + 1)
    gone: Costs = (joined + best).min(axis=-1)
    return gone


def cost_of(turns: Sequence[Turn], chain: Chain) -> NDArray[np.float64]:
    """Return the resources of a folding, converters included."""
    taken = np.zeros(turns[0].costs.shape[1])
    live: tuple[int, ...] = ()
    for turn, choice in zip(turns, chain, strict=True):
        option = turn.options[choice]
        took, sent = turn.takes.index(option.takes), turn.sends.index(option.sends)
        taken = taken + turn.costs[choice]
        for side in turn.sides:
            taken = taken + side.costs[live[side.axis], took]
        live = tuple(width for axis, width in enumerate(live) if axis not in turn.dead)
        live += (took,) * turn.opens + (sent,) * turn.kept
    return taken
