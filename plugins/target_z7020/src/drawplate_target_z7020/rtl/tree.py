# SPDX-License-Identifier: Apache-2.0
"""Adder trees of ternary adders: three operands at a time, one pipeline register per level.

A ternary adder takes one LUT6_2 per bit on 7-series carry chains and removes up to two bits per LUT (Simkins and
Young, US patent 7,274,211; Xilinx UG474 describes the slice); synthesis tools do not infer it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from drawplate_target_z7020.rtl.netlist import ZERO, Bus, Netlist, pad
from drawplate_target_z7020.rtl.table import make_table


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


def reduce_terms(net: Netlist, terms: Sequence[Term]) -> tuple[list[Term], int]:
    """Reduce terms to at most two whose sum is the sum of all.

    Terms of one shift are added level by level, all shifts in step; then the shifts are combined.

    Returns:
        The terms that are left and the number of levels, each of which ends in registers.
    """
    groups: dict[int, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.shift, []).append(term)
    levels = 0
    enough = 2 if len(groups) == 1 else 1
    while max(len(group) for group in groups.values()) > enough:
        groups = {shift: _level(net, group) for shift, group in groups.items()}
        levels += 1
    left = [term for shift in sorted(groups) for term in groups[shift]]
    while len(left) > 2:
        left = [_combine(net, left[:3]), *(_delay(net, term) for term in left[3:])]
        levels += 1
    return left, levels


def _delay(net: Netlist, term: Term) -> Term:
    return Term(net.register(term.bus), term.shift, term.maximum)


def _level(net: Netlist, group: list[Term]) -> list[Term]:
    """Add the terms of one shift in threes, narrow ones first."""
    ordered = sorted(group, key=lambda term: len(term.bus))
    out: list[Term] = []
    for start in range(0, len(ordered), 3):
        triple = ordered[start : start + 3]
        if len(triple) == 1:
            out.append(_delay(net, triple[0]))
            continue
        maximum = sum(term.maximum for term in triple)
        if max(len(term.bus) for term in triple) == 1:
            total = net.table(FULL_ADDER, pad(tuple(term.bus[0] for term in triple), 3))
        else:
            total = net.add([term.bus for term in triple], _bits(maximum))
        out.append(Term(net.register(total), triple[0].shift, maximum))
    return out


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
