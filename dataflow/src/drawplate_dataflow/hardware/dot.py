# SPDX-License-Identifier: Apache-2.0
"""One processing element: a dot product of SIMD lanes per clock, added up over a fold.

Every lane's product is cut into slices (some magnitude bits of the weight times some bits of the activation) so that
sign, magnitude slice and activation slice fit one table of the technology.  Slices of a lane that do not overlap are
laid side by side in one row, which gives the adder tree fewer and wider operands.  All ways to cut are counted, and
the one with the fewest LUTs is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, cached_property, lru_cache, partial
from typing import Final

from attrs import frozen

from drawplate_dataflow.hardware.encode import WeightCode
from drawplate_dataflow.hardware.netlist import ZERO, Bit, Bus, Netlist, Tally, nets, pad
from drawplate_dataflow.hardware.tree import Run, Term, at_zero, reduce_runs, reduce_terms
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Table, Technology


@frozen
class DotSpec:
    """What one processing element computes."""

    code: WeightCode
    x_bits: int
    simd: int
    accumulator: int
    technology: Technology


@frozen
class Slice:
    """Part of a product: magnitude bits ``m_low ..`` times activation bits ``x_low ..``."""

    m_low: int
    m_bits: int
    x_low: int
    x_bits: int

    @property
    def shift(self) -> int:
        """Weight of its lowest bit."""
        return self.m_low + self.x_low

    @property
    def table(self) -> Table:
        """The product table, see :func:`product_table`."""
        return product_table(self.m_bits, self.x_bits)


Rows = tuple[tuple[Slice, ...], ...]
"""How a product is cut: rows of slices that do not overlap, from the lowest shift up."""


@frozen(eq=False, slots=False)
class Dot:
    """A finished processing element; it is counted without its netlist, which is formed when it is asked for."""

    spec: DotSpec
    rows: Rows
    """How its products are cut; none where it counts signs that agree."""
    resources: Resources
    latency: int
    """Clocks from operands to the operands of the accumulating adder."""

    @property
    def netlist(self) -> Netlist:
        """Its cells."""
        return self._whole[0]

    @property
    def total(self) -> Bus:
        """Input of the accumulator register."""
        return self._whole[1]

    @cached_property
    def _whole(self) -> tuple[Netlist, Bus]:
        spec, net = self.spec, Netlist(self.spec.technology)
        products = [_product(net, spec, row, lane) for row in self.rows for lane in range(spec.simd)]
        left, _ = reduce_terms(net, products if self.rows else _agreement_terms(spec, net))
        return net, _accumulate(net, spec, left)


@cache
def product_table(m_bits: int, x_bits: int) -> Table:
    """Table of ``m * (sign ? ~x : x)``; inputs are x, then the magnitude, then the sign."""
    mask = (1 << x_bits) - 1
    values = []
    for index in range(1 << (1 + m_bits + x_bits)):
        x = index & mask
        magnitude = (index >> x_bits) & ((1 << m_bits) - 1) if m_bits else 1
        sign = index >> (x_bits + m_bits)
        values.append(magnitude * (x ^ mask if sign else x))
    return Table(f"product_m{m_bits}_x{x_bits}", 1 + m_bits + x_bits, values)


# The stored weight bit is 1 for -1, so the product ``w < 0 ? ~x : x`` is ``w ^ x``: 1 where the signs agree.
_PAIR: Final = [(index & 3) ^ (index >> 2) for index in range(16)]
AGREE: Final = Table("agree2", 4, _PAIR)
"""Two one-bit products side by side; inputs are w, w, x, x."""
AGREE_COUNT: Final = Table("agree2_count", 5, [_PAIR[at & 15].bit_count() + (at >> 4) for at in range(32)])
"""Their count plus a ready bit; inputs are w, w, x, x, ready."""
AGREE_SUM: Final = Table("agree2_sum", 4, [count.bit_count() for count in _PAIR])
"""Their count alone."""


@lru_cache(maxsize=1024)
def build(spec: DotSpec) -> Dot:
    """Choose the cheapest processing element."""
    if spec.code.magnitude == 0 and spec.x_bits == 1:
        return _counted(spec, ())
    cuts = _cuts(spec.code.magnitude, spec.x_bits, spec.technology.table_inputs)
    return min((_counted(spec, rows) for rows in cuts), key=lambda dot: (dot.resources.lut, dot.latency))


def _counted(spec: DotSpec, rows: Rows) -> Dot:
    """Count a processing element whose products are cut in one way.

    Lanes are alike, so what is alike is looked at once and counted as often as it occurs.
    """
    net = Tally(spec.technology)

    def make(operation: Callable[[Netlist], Term], times: int) -> Term:
        net.times = times
        return operation(net)

    if rows:
        runs = [Run(make(partial(_product, spec=spec, row=row, lane=0), spec.simd), spec.simd) for row in rows]
    else:
        runs = [Run(term) for term in _agreement_terms(spec, net)]
    left, levels = reduce_runs(make, runs, spec.technology)
    net.times = 1
    _accumulate(net, spec, left)
    return Dot(spec, rows, net.resources, 1 + levels)


def _lane(name: str, bits: int, lane: int) -> Bus:
    return tuple(f"{name}[{lane * bits + bit}]" for bit in range(bits))


def _agreement_terms(spec: DotSpec, net: Netlist) -> list[Term]:
    """Popcount of agreeing signs; with five inputs of three lanes two share a table with the third."""
    if spec.technology.table_inputs < AGREE_COUNT.inputs:
        return [_agreeing(net, (low, low + 1), spec.simd) for low in range(0, spec.simd, 2)]
    terms = []
    threes, rest = divmod(spec.simd, 3)
    singles = [3 * group + 2 for group in range(threes)] + list(range(spec.simd - rest, spec.simd))
    ready: dict[int, Bit] = {}
    for at in range(0, len(singles), 2):
        lanes = singles[at : at + 2]
        inputs = pad(tuple(f"w[{lane}]" for lane in lanes), 2) + pad(tuple(f"x[{lane}]" for lane in lanes), 2)
        ready |= dict(zip(lanes, net.table(AGREE, inputs), strict=False))
    for group in range(threes):
        low = 3 * group
        inputs = (f"w[{low}]", f"w[{low + 1}]", f"x[{low}]", f"x[{low + 1}]", ready[low + 2])
        terms.append(Term(net.register(net.table(AGREE_COUNT, inputs)), 0, 3))
    return terms + [Term(net.register((ready[lane],)), 0, 1) for lane in singles[threes:]]


def _agreeing(net: Netlist, lanes: tuple[int, int], simd: int) -> Term:
    """Count of two lanes; where there is only one, one bit."""
    there = [lane for lane in lanes if lane < simd]
    inputs = pad(tuple(f"w[{lane}]" for lane in there), 2) + pad(tuple(f"x[{lane}]" for lane in there), 2)
    total = net.table(AGREE_SUM, inputs)[: len(there)]
    return Term(net.register(total), 0, len(there))


def _product(net: Netlist, spec: DotSpec, row: tuple[Slice, ...], lane: int) -> Term:
    """One row of the product of a lane."""
    base = row[0].shift
    w, x = _lane("w", spec.code.bits, lane), _lane("x", spec.x_bits, lane)
    bus: Bus = ()
    for part in row:
        inputs = x[part.x_low : part.x_low + part.x_bits] + w[part.m_low : part.m_low + part.m_bits] + w[-1:]
        bus = pad(bus, part.shift - base) + net.table(part.table, inputs)
    return Term(net.register(bus), base, sum(part.table.maximum << (part.shift - base) for part in row))


def _accumulate(net: Netlist, spec: DotSpec, left: list[Term]) -> Bus:
    """Add what is left of the terms to the accumulator, which ``first`` clears."""
    missing = spec.technology.adder_operands - 1 - len(left)
    operands = [pad(at_zero(term), spec.accumulator) for term in left] + [(ZERO,) * spec.accumulator] * missing
    net.ffs += spec.accumulator
    return net.add([*operands, nets("acc", spec.accumulator)], spec.accumulator, clear="first")


def _cuts(magnitude: int, x_bits: int, inputs: int) -> Iterator[Rows]:
    """All ways to cut a product that are tried."""
    seen: set[Rows] = set()
    for m_bits in range(1, min(magnitude, inputs - 2) + 1) if magnitude else (0,):
        m_slices = [(low, min(m_bits, magnitude - low)) for low in range(0, magnitude, m_bits or 1)] or [(0, 0)]
        for parts in _partitions(x_bits, inputs - 1 - m_bits):
            slices = sorted(
                (
                    Slice(m_low, m_width, sum(parts[:at]), part)
                    for m_low, m_width in m_slices
                    for at, part in enumerate(parts)
                ),
                key=lambda part: part.shift,
            )
            for rows in (tuple((part,) for part in slices), _packed(slices)):
                if rows not in seen:
                    seen.add(rows)
                    yield rows


def _partitions(total: int, largest: int) -> Iterator[tuple[int, ...]]:
    """Ways to write ``total`` as a sum of non-increasing parts of at most ``largest``."""
    if total == 0:
        yield ()
    for part in range(min(total, largest), 0, -1):
        for rest in _partitions(total - part, part):
            yield (part, *rest)


def _packed(slices: list[Slice]) -> Rows:
    """Put slices into as few rows as possible, first fit from the lowest shift up."""
    rows: list[list[Slice]] = []
    for part in slices:
        for row in rows:
            if row[-1].shift + row[-1].table.width <= part.shift:
                row.append(part)
                break
        else:
            rows.append([part])
    return tuple(tuple(row) for row in rows)
