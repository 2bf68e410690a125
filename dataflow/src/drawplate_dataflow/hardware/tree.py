# SPDX-License-Identifier: Apache-2.0
"""Adder trees of ternary adders: three operands at a time, one pipeline register per level.

A ternary adder takes one LUT6_2 per bit on 7-series carry chains and removes up to two bits per LUT (Simkins and
Young, US patent 7,274,211; Xilinx UG474 describes the slice); synthesis tools do not infer it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from attrs import frozen

from drawplate_dataflow.hardware.netlist import ZERO, Bus, Netlist, pad
from drawplate_dataflow.hardware.table import make_table


@frozen
class Term:
    """A number in the tree: ``value << shift`` with ``value <= maximum`` on ``bus``."""

    bus: Bus
    shift: int
    maximum: int

    @property
    def top(self) -> int:
        """One past its highest bit."""
        return self.shift + len(self.bus)


FULL_ADDER = make_table("full_adder", 3, [index.bit_count() for index in range(8)])


def _bits(maximum: int) -> int:
    return max(1, maximum.bit_length())


@frozen
class Run:
    """A term as often as it occurs side by side; a netlist that is written out has each once."""

    term: Term
    times: int = 1


Make = Callable[[Callable[[Netlist], Term], int], Term]
"""Carries out an operation on a netlist so many times, and returns (one of) the terms that it gives."""


def reduce_terms(net: Netlist, terms: Sequence[Term]) -> tuple[list[Term], int]:
    """Reduce terms to at most two whose sum is the sum of all.

    Returns:
        The terms that are left and the number of levels, each of which ends in registers.
    """
    return reduce_runs(lambda operation, _: operation(net), [Run(term) for term in terms])


def reduce_runs(make: Make, runs: Sequence[Run]) -> tuple[list[Term], int]:
    """Reduce runs of terms as :func:`reduce_terms` does.

    Terms of one shift are added level by level, all shifts in step; then the shifts are combined.
    """
    groups: dict[int, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.term.shift, []).append(run)
    levels = 0
    enough = 2 if len(groups) == 1 else 1
    while max(sum(run.times for run in group) for group in groups.values()) > enough:
        groups = {shift: list(_level(make, group)) for shift, group in groups.items()}
        levels += 1
    left = [run.term for shift in sorted(groups) for run in groups[shift] for _ in range(run.times)]
    while len(left) > 2:
        left = [
            make(partial(_combine, triple=left[:3]), 1),
            *(make(partial(_delay, term=term), 1) for term in left[3:]),
        ]
        levels += 1
    return left, levels


def _delay(net: Netlist, term: Term) -> Term:
    return Term(net.register(term.bus), term.shift, term.maximum)


def _level(make: Make, group: list[Run]) -> Iterator[Run]:
    """Add the terms of one shift in threes, narrow ones first."""
    for triple, times in _threes(sorted(group, key=lambda run: len(run.term.bus))):
        operation = partial(_delay, term=triple[0]) if len(triple) == 1 else partial(_sum, triple=triple)
        yield Run(make(operation, times), times)


def _threes(runs: Iterable[Run]) -> Iterator[tuple[list[Term], int]]:
    """Yield the terms in threes, equal threes together; at the end what is left."""
    waiting: list[Term] = []
    for run in runs:
        left = run.times
        while waiting and left:
            waiting.append(run.term)
            left -= 1
            if len(waiting) == 3:
                yield waiting, 1
                waiting = []
        times, left = divmod(left, 3)
        if times:
            yield [run.term] * 3, times
        waiting += [run.term] * left
    if waiting:
        yield waiting, 1


def _sum(net: Netlist, triple: list[Term]) -> Term:
    maximum = sum(term.maximum for term in triple)
    if max(len(term.bus) for term in triple) == 1:
        total = net.table(FULL_ADDER, pad(tuple(term.bus[0] for term in triple), 3))
    else:
        total = net.add([term.bus for term in triple], _bits(maximum))
    return Term(net.register(total), triple[0].shift, maximum)


def _combine(net: Netlist, triple: list[Term]) -> Term:
    """Add three terms of ascending shift; the lowest bits of the first pass by the adder."""
    base = triple[0].shift
    low = min(triple[1].shift - base, len(triple[0].bus))
    maximum = sum(term.maximum << (term.shift - base) for term in triple)
    operands = [_aligned(term, base + low) for term in triple]
    upper = net.add(operands, _bits(maximum) - low)
    passed = pad(triple[0].bus[:low], low)
    return Term(net.register((*passed, *upper)), base, maximum)


def _aligned(term: Term, base: int) -> Bus:
    """Bits of a term from weight ``base`` up."""
    if term.shift >= base:
        return ((ZERO,) * (term.shift - base)) + term.bus
    return term.bus[base - term.shift :]


def at_zero(term: Term) -> Bus:
    """Bits of a term from weight 0 up."""
    return _aligned(term, 0)
