# SPDX-License-Identifier: Apache-2.0
"""Fully unrolled matrix layers: every weight is a constant in the logic, a vector per clock, no weight memory.

Distributed arithmetic (Croisier et al., US patent 3,777,130; Peled and Liu, IEEE Trans. ASSP 22, 1974): one bit of six
inputs at a time looks up its weighted sum in a table, whose contents are the weights.  Weights of zero cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import define, field, frozen

from drawplate_dataflow.hardware import netlist, table
from drawplate_dataflow.hardware.netlist import Netlist, pad
from drawplate_dataflow.hardware.table import LUT_INPUTS, Table, make_table
from drawplate_dataflow.hardware.text import FOOTER, HEADER
from drawplate_dataflow.hardware.tree import Term, at_zero, reduce_terms
from drawplate_dataflow.network.types import Integers


@frozen(kw_only=True)
class UnrolledDots:
    """All outputs of an unrolled layer."""

    modules: tuple[tuple[str, Netlist, netlist.Bus], ...] = field(repr=False)
    """Module name, netlist and input of the sum register of every output."""
    tables: tuple[Table, ...] = field(repr=False)
    latency: int
    x_bits: int
    accumulator: int
    weights: Integers = field(repr=False)

    @property
    def luts(self) -> int:
        """LUTs of all outputs."""
        return sum(net.luts for _, net, _ in self.modules)

    @property
    def ffs(self) -> int:
        """Flip-flops of all outputs."""
        return sum(net.ffs for _, net, _ in self.modules)


@define
class _Tables:
    """Tables by contents, so that equal ones are one module."""

    prefix: str
    made: dict[tuple[int, ...], Table] = field(factory=dict)

    def of(self, values: tuple[int, ...], inputs: int) -> Table:
        if values not in self.made:
            self.made[values] = make_table(f"{self.prefix}_sum{len(self.made)}", inputs, values)
        return self.made[values]


def unroll(weights: Integers, x_bits: int, accumulator: int, module: str) -> UnrolledDots:
    """Build the outputs of a layer.

    Args:
        weights: [inputs, outputs].
        x_bits: bits of an input code.
        accumulator: bits of a sum.
        module: first part of all names.
    """
    tables = _Tables(module)
    started = []
    for column in weights.T:
        net = Netlist()
        left, levels = reduce_terms(net, _terms(net, column, x_bits, tables)) if np.any(column) else ([], 0)
        started.append((net, left, levels))
    deepest = max(levels for _, _, levels in started)
    modules = []
    for number, (net, left, levels) in enumerate(started):
        total = _total(net, left, deepest - levels, accumulator)
        modules.append((f"{module}_dot{number}", net, total))
    return UnrolledDots(
        modules=tuple(modules),
        tables=tuple(tables.made.values()),
        latency=1 + deepest,
        x_bits=x_bits,
        accumulator=accumulator,
        weights=weights,
    )


def _terms(net: Netlist, column: Integers, x_bits: int, tables: _Tables) -> list[Term]:
    """Weighted sums of single bits of up to six inputs, similar weights together."""
    lanes = sorted(np.flatnonzero(column).tolist(), key=lambda lane: (abs(int(column[lane])), lane))
    terms = []
    for start in range(0, len(lanes), LUT_INPUTS):
        group = lanes[start : start + LUT_INPUTS]
        lookup = tables.of(_sums([int(column[lane]) for lane in group]), len(group))
        for bit in range(x_bits):
            out = net.table(lookup, tuple(f"x[{lane * x_bits + bit}]" for lane in group))
            terms.append(Term(net.register(out), bit, lookup.maximum))
    return terms


def _sums(weights: Sequence[int]) -> tuple[int, ...]:
    """``sum(|w| * (w < 0 ? ~x : x))`` for all values of the inputs' bits."""
    return tuple(
        sum(abs(weight) * (((index >> at) & 1) ^ (weight < 0)) for at, weight in enumerate(weights))
        for index in range(1 << len(weights))
    )


def _total(net: Netlist, left: list[Term], wait: int, accumulator: int) -> netlist.Bus:
    for _ in range(wait):
        left = [Term(net.register(term.bus), term.shift, term.maximum) for term in left]
    net.ffs += accumulator
    operands = [pad(at_zero(term), accumulator) for term in left]
    if len(operands) < 2:
        return operands[0] if operands else (netlist.ZERO,) * accumulator
    return net.add(operands, accumulator)


def unrolled_text(dots: UnrolledDots) -> str:
    """Write all outputs, each with a model of the same function and latency for fast simulation."""
    parts = [HEADER, *(table.verilog(part) for part in dots.tables)]
    for (name, net, total), column in zip(dots.modules, dots.weights.T, strict=True):
        lines = "\n".join(netlist.verilog(net.cells))
        parts.append(
            f"(* keep_hierarchy *)\nmodule {name} (\n    input wire clk, valid,\n"
            f"    input wire [{len(column) * dots.x_bits - 1}:0] x,\n"
            f"    output reg [{dots.accumulator - 1}:0] acc\n);\n"
            f"`ifdef DRAWPLATE_FAST\n{_fast(dots, column)}`else\n"
            f"{lines}\n  always @(posedge clk) if (valid) acc <= {netlist.join(total)};\n`endif\nendmodule\n"
        )
    return "\n".join([*parts, FOOTER])


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
