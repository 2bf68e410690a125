# SPDX-License-Identifier: Apache-2.0
"""Adder trees: as many operands at a time as a carry chain of the technology adds, one pipeline register per level.

Where a LUT in front of the chain adds the third of three operands, up to two bits go per LUT (Simkins and Young, US
patent 7,274,211); synthesis tools do not infer that.  Single bits are counted in threes by a table, in any technology.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from attrs import frozen

from drawplate_dataflow.hardware.netlist import ZERO, Bus, Netlist, pad
from drawplate_dataflow.technology import Table, Technology


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


THREE: Final = 3
"""Single bits that a full adder counts."""
FULL_ADDER: Final = Table("full_adder", 3, [index.bit_count() for index in range(8)])


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
    """Reduce terms to so few whose sum is the sum of all that an accumulator still goes with them into one adder.

    Returns:
        The terms that are left and the number of levels, each of which ends in registers.
    """
    return reduce_runs(lambda operation, _: operation(net), [Run(term) for term in terms], net.technology)


def reduce_runs(make: Make, runs: Sequence[Run], technology: Technology) -> tuple[list[Term], int]:
    """Reduce runs of terms as :func:`reduce_terms` does.

    Terms of one shift are added level by level, all shifts in step; then the shifts are combined.
    """
    most = technology.adder_operands
    groups: dict[int, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.term.shift, []).append(run)
    levels = 0
    enough = most - 1 if len(groups) == 1 else 1
    while max(sum(run.times for run in group) for group in groups.values()) > enough:
        groups = {shift: list(_level(make, group, most)) for shift, group in groups.items()}
        levels += 1
    left = [run.term for shift in sorted(groups) for run in groups[shift] for _ in range(run.times)]
    while len(left) >= most:
        left = [
            make(partial(_combine, terms=left[:most]), 1),
            *(make(partial(_delay, term=term), 1) for term in left[most:]),
        ]
        levels += 1
    return left, levels


def _delay(net: Netlist, term: Term) -> Term:
    return Term(net.register(term.bus), term.shift, term.maximum)


def _level(make: Make, group: list[Run], most: int) -> Iterator[Run]:
    """Add the terms of one shift, narrow ones first."""
    for terms, times in _together(sorted(group, key=lambda run: len(run.term.bus)), most):
        operation = partial(_delay, term=terms[0]) if len(terms) == 1 else partial(_sum, terms=terms)
        yield Run(make(operation, times), times)


def _together(runs: list[Run], most: int) -> Iterator[tuple[list[Term], int]]:
    """Yield the terms that are added together: as many as an adder takes, single bits in threes."""
    if most >= THREE:
        yield from _split(runs, most)
        return
    wide = [run for run in runs if len(run.term.bus) > 1]
    for terms, times in _split((run for run in runs if len(run.term.bus) == 1), THREE):
        if len(terms) == THREE:
            yield terms, times
        else:
            wide = [*map(Run, terms), *wide]
    yield from _split(wide, most)


def _split(runs: Iterable[Run], size: int) -> Iterator[tuple[list[Term], int]]:
    """Yield the terms in groups of a size, equal groups together; at the end what is left."""
    waiting: list[Term] = []
    for run in runs:
        left = run.times
        while waiting and left:
            waiting.append(run.term)
            left -= 1
            if len(waiting) == size:
                yield waiting, 1
                waiting = []
        times, left = divmod(left, size)
        if times:
            yield [run.term] * size, times
        waiting += [run.term] * left
    if waiting:
        yield waiting, 1


def _sum(net: Netlist, terms: list[Term]) -> Term:
    maximum = sum(term.maximum for term in terms)
    if max(len(term.bus) for term in terms) == 1:
        total = net.table(FULL_ADDER, pad(tuple(term.bus[0] for term in terms), THREE))
    else:
        total = net.add([term.bus for term in terms], _bits(maximum))
    return Term(net.register(total), terms[0].shift, maximum)


def _combine(net: Netlist, terms: list[Term]) -> Term:
    """Add terms of ascending shift; the lowest bits of the first pass by the adder."""
    base = terms[0].shift
    low = min(terms[1].shift - base, len(terms[0].bus))
    maximum = sum(term.maximum << (term.shift - base) for term in terms)
    operands = [_aligned(term, base + low) for term in terms]
    upper = net.add(operands, _bits(maximum) - low)
    passed = pad(terms[0].bus[:low], low)
    return Term(net.register((*passed, *upper)), base, maximum)


def _aligned(term: Term, base: int) -> Bus:
    """Bits of a term from weight ``base`` up."""
    if term.shift >= base:
        return ((ZERO,) * (term.shift - base)) + term.bus
    return term.bus[base - term.shift :]


def at_zero(term: Term) -> Bus:
    """Bits of a term from weight 0 up."""
    return _aligned(term, 0)
