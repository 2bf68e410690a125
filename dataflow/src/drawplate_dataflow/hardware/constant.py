# SPDX-License-Identifier: Apache-2.0
"""Fully unrolled matrix layers: every weight is a constant in the logic, a vector per clock, no weight memory.

Distributed arithmetic (Croisier et al., US patent 3,777,130; Peled and Liu, IEEE Trans. ASSP 22, 1974): one bit of as
many inputs as a table has looks up its weighted sum, and the table's contents are the weights.  Weights of zero cost
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import define, field, frozen

from drawplate_dataflow.hardware import netlist
from drawplate_dataflow.hardware.library import LibraryModule, adder
from drawplate_dataflow.hardware.netlist import Netlist, pad
from drawplate_dataflow.hardware.text import FOOTER, HEADER, Value
from drawplate_dataflow.hardware.tree import Term, at_zero, reduce_terms
from drawplate_dataflow.network.types import Integers
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Table, Technology


@frozen(kw_only=True, eq=False)
class UnrolledDots:
    """All outputs of an unrolled layer, in one file."""

    outputs: tuple[tuple[Netlist, netlist.Bus], ...] = field(repr=False)
    """Netlist and input of the sum register of every output."""
    tables: tuple[Table, ...] = field(repr=False)
    latency: int
    x_bits: int
    accumulator: int
    weights: Integers = field(repr=False)

    @property
    def cells(self) -> tuple[UnrolledDot, ...]:
        """What can be instantiated."""
        return tuple(UnrolledDot(self, number) for number in range(len(self.outputs)))

    def contents(self, _prefix: str) -> None:
        """They are no memory."""

    def files(self, prefix: str, technology: Technology) -> Mapping[str, bytes]:
        """Write all outputs, each with a model of the same function and latency for fast simulation."""
        parts = [HEADER, *(netlist.table_module(table, prefix, technology) for table in self.tables)]
        for cell, (net, total), column in zip(self.cells, self.outputs, self.weights.T, strict=True):
            lines = "\n".join(netlist.verilog(net.cells, prefix))
            parts.append(
                f"(* keep_hierarchy *)\nmodule {cell.name(prefix)} (\n    input wire clk, valid,\n"
                f"    input wire [{len(column) * self.x_bits - 1}:0] x,\n"
                f"    output reg [{self.accumulator - 1}:0] acc\n);\n"
                f"`ifdef DRAWPLATE_FAST\n{_fast(self, column)}`else\n"
                f"{lines}\n  always @(posedge clk) if (valid) acc <= {netlist.join(total)};\n`endif\nendmodule\n"
            )
        return {f"{prefix}_dots.v": "\n".join([*parts, FOOTER]).encode()}


@frozen
class UnrolledDot:
    """One output."""

    definition: UnrolledDots
    number: int

    @property
    def parameters(self) -> Mapping[str, Value]:
        """None: it is made for one layer."""
        return {}

    @property
    def library(self) -> tuple[LibraryModule, ...]:
        """The adder."""
        return (adder(self.netlist.technology),)

    def name(self, prefix: str) -> str:
        """Return the name of its module."""
        return f"{prefix}_dot{self.number}"

    def price(self, _technology: Technology) -> Resources:
        """Return what its netlist counted."""
        return self.netlist.resources

    @property
    def netlist(self) -> Netlist:
        """What it consists of."""
        return self.definition.outputs[self.number][0]


@define
class _Tables:
    """Tables by contents, so that equal ones are one module."""

    made: dict[tuple[int, ...], Table] = field(factory=dict)

    def of(self, values: tuple[int, ...], inputs: int) -> Table:
        if values not in self.made:
            self.made[values] = Table(f"sum{len(self.made)}", inputs, values)
        return self.made[values]


def unroll(weights: Integers, x_bits: int, accumulator: int, technology: Technology) -> UnrolledDots:
    """Build the outputs of a layer.

    Args:
        weights: [inputs, outputs].
        x_bits: bits of an input code.
        accumulator: bits of a sum.
        technology: what they are built for.
    """
    tables = _Tables()
    started = []
    for column in weights.T:
        net = Netlist(technology)
        left, levels = reduce_terms(net, _terms(net, column, x_bits, tables)) if np.any(column) else ([], 0)
        started.append((net, left, levels))
    deepest = max(levels for _, _, levels in started)
    return UnrolledDots(
        outputs=tuple((net, _total(net, left, deepest - levels, accumulator)) for net, left, levels in started),
        tables=tuple(tables.made.values()),
        latency=1 + deepest,
        x_bits=x_bits,
        accumulator=accumulator,
        weights=weights,
    )


def _terms(net: Netlist, column: Integers, x_bits: int, tables: _Tables) -> list[Term]:
    """Weighted sums of single bits of some inputs, similar weights together."""
    lanes = sorted(np.flatnonzero(column).tolist(), key=lambda lane: (abs(int(column[lane])), lane))
    terms = []
    size = net.technology.table_inputs
    for start in range(0, len(lanes), size):
        group = lanes[start : start + size]
        lookup = tables.of(_sums([int(column[lane]) for lane in group]), len(group))
        for bit in range(x_bits):
            out = net.table(lookup, tuple(f"x[{lane * x_bits + bit}]" for lane in group))
            terms.append(Term(net.register(out), bit, lookup.maximum))
    return terms


def _sums(weights: Sequence[int]) -> tuple[int, ...]:
    """``sum(|w| * (w < 0 ? ~x : x))`` for all values of the inputs' bits."""
    sums = [0]
    for weight in weights:
        low, high = (-weight, 0) if weight < 0 else (0, weight)
        sums = [*(total + low for total in sums), *(total + high for total in sums)]
    return tuple(sums)


def _total(net: Netlist, left: list[Term], wait: int, accumulator: int) -> netlist.Bus:
    for _ in range(wait):
        left = [Term(net.register(term.bus), term.shift, term.maximum) for term in left]
    net.ffs += accumulator
    operands = [pad(at_zero(term), accumulator) for term in left]
    if len(operands) < 2:
        return operands[0] if operands else (netlist.ZERO,) * accumulator
    return net.add(operands, accumulator)


def _fast(dots: UnrolledDots, column: Integers) -> str:
    bits, acc = dots.x_bits, dots.accumulator
    lanes = [
        f"{abs(int(weight))} * ({'~' if weight < 0 else ''}x[{lane * bits} +: {bits}] & {bits}'d{(1 << bits) - 1})"
        for lane, weight in enumerate(column)
        if weight
    ]
    statements = "".join(f"    total = total + {lane};\n" for lane in lanes)
    return (
        f"  reg [{acc - 1}:0] total, delayed [0:{dots.latency - 1}];\n  integer k;\n"
        f"  always @* begin\n    total = 0;\n{statements}  end\n"
        f"  always @(posedge clk) begin\n    delayed[0] <= total;\n"
        f"    for (k = 1; k < {dots.latency}; k = k + 1) delayed[k] <= delayed[k-1];\n"
        f"    if (valid) acc <= delayed[{dots.latency - 1}];\n  end\n"
    )
