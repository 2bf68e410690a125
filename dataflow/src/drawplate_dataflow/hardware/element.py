# SPDX-License-Identifier: Apache-2.0
"""A processing element as a module: its netlist, and a model of the same function and latency for fast simulation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve, frozen

from drawplate_dataflow.hardware import netlist
from drawplate_dataflow.hardware.dot import Dot
from drawplate_dataflow.hardware.library import LibraryModule, adder
from drawplate_dataflow.hardware.text import FOOTER, HEADER, Value
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Technology

ONE_BIT: Final = 1.3
"""How much more room the chains of an element take whose weights have one bit: highest bits of sums are carries alone.
As counted in netlists of the 7 series: 2.8 positions beside each, and 2.2 where weights have more bits."""


@frozen(eq=False)
class Element:
    """A processing element made of LUTs: the cell, and what defines it."""

    dot: Dot

    @property
    def parameters(self) -> Mapping[str, Value]:
        """None: it is made for one layer."""
        return {}

    @property
    def library(self) -> tuple[LibraryModule, ...]:
        """The adder."""
        return (adder(self.dot.spec.technology),)

    @property
    def definition(self) -> Element:
        """Its own file."""
        return self

    def name(self, prefix: str) -> str:
        """Return the name of its module."""
        return f"{prefix}_dot"

    def price(self, _technology: Technology) -> Resources:
        """Return what its netlist counted."""
        found = self.dot.resources
        return found if self.dot.spec.code.magnitude else evolve(found, chains=ONE_BIT * found.chains)

    def contents(self, _prefix: str) -> None:
        """It is no memory."""

    def files(self, prefix: str, technology: Technology) -> Mapping[str, bytes]:
        """Write it."""
        net, spec = self.dot.netlist, self.dot.spec
        tables = "".join(f"{netlist.table_module(table, prefix, technology)}\n" for table in net.tables.values())
        head = (
            f"(* keep_hierarchy *)\nmodule {self.name(prefix)} (\n    input wire clk, valid, first,\n"
            f"    input wire [{spec.simd * spec.code.bits - 1}:0] w,\n"
            f"    input wire [{spec.simd * spec.x_bits - 1}:0] x,\n    output reg [{spec.accumulator - 1}:0] acc\n);\n"
        )
        lines = "\n".join(netlist.verilog(net.cells, prefix))
        gates = f"{lines}\n  always @(posedge clk) if (valid) acc <= {netlist.join(self.dot.total)};\n"
        text = f"{HEADER}{tables}{head}`ifdef DRAWPLATE_FAST\n{self._fast()}`else\n{gates}`endif\nendmodule\n{FOOTER}"
        return {f"{self.name(prefix)}.v": text.encode()}

    def _fast(self) -> str:
        spec, lat = self.dot.spec, self.dot.latency
        acc, w_bits, x_bits = spec.accumulator, spec.code.bits, spec.x_bits
        magnitude = "1'b1" if spec.code.magnitude == 0 else f"w[k*{w_bits} +: {spec.code.magnitude}]"
        term = f"x[k*{x_bits} +: {x_bits}] ^ {{{x_bits}{{w[k*{w_bits}+{w_bits - 1}]}}}}"
        return (
            f"  /* verilator no_inline_module */\n"
            f"  reg [{acc - 1}:0] total, delayed [0:{lat - 1}];\n  integer k;\n"
            f"  always @* begin\n    total = 0;\n    for (k = 0; k < {spec.simd}; k = k + 1)\n"
            f"      total = total + {magnitude} * ({term});\n  end\n"
            f"  always @(posedge clk) begin\n    delayed[0] <= total;\n"
            f"    for (k = 1; k < {lat}; k = k + 1) delayed[k] <= delayed[k-1];\n"
            f"    if (valid) acc <= (first ? {acc}'d0 : acc) + delayed[{lat - 1}];\n  end\n"
        )
