# SPDX-License-Identifier: Apache-2.0
"""What multiplies in a matrix layer: from ``operands``, ``address``, ``add_valid``, ``add_first`` to ``sums``."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from drawplate_target_z7020.description import IntType, MatMul
from drawplate_target_z7020.rtl import netlist, table
from drawplate_target_z7020.rtl.constant import unroll, unrolled_text
from drawplate_target_z7020.rtl.design import Rom
from drawplate_target_z7020.rtl.dot import Dot
from drawplate_target_z7020.rtl.encode import Coded, pack
from drawplate_target_z7020.rtl.plan import MatMulPlan
from drawplate_target_z7020.rtl.rom import make_rom
from drawplate_target_z7020.rtl.text import FOOTER, HEADER, instance, wire


@frozen(kw_only=True)
class Engine:
    """Processing elements with their weights."""

    body: str = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    library: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    """Files that only hold ROM contents."""
    roms: tuple[Rom, ...] = ()
    latency: int
    """Clocks from operands to the accumulating adder."""
    luts: int
    ffs: int
    dsp: int = 0


def folded(layer: MatMul, plan: MatMulPlan, coded: Coded, module: str) -> Engine:
    """PE equal processing elements that read their weights from one ROM."""
    assert plan.dot is not None
    dot = plan.dot
    weights = make_rom(plan.weights, pack(coded.words.reshape(plan.weights.depth, -1), plan.code.bits))
    share, bits = layer.simd * plan.code.bits, plan.accumulator
    body = wire(plan.weights.bits, "w") + wire(layer.pe * bits, "sums") + weights.instance("weights", "address", "w")
    body += "".join(
        instance(
            f"{module}_dot",
            f"pe{pe}",
            {},
            {"clk": "clk", "valid": "add_valid", "first": "add_first", "x": "operands"}
            | {"w": f"w[{pe * share} +: {share}]", "acc": f"sums[{pe * bits} +: {bits}]"},
        )
        for pe in range(layer.pe)
    )
    return Engine(
        body=body,
        files={f"{module}_dot.v": dot_text(dot, module).encode(), **weights.files},
        library=("dp_rom.v",),
        contents=tuple(weights.files),
        roms=(weights.rom,),
        latency=dot.latency,
        luts=layer.pe * dot.netlist.luts,
        ffs=layer.pe * dot.netlist.ffs,
    )


def unrolled(layer: MatMul, plan: MatMulPlan, x: IntType, module: str) -> Engine:
    """One element per output with its weights in the logic."""
    dots = unroll(layer.weights, x.bits, plan.accumulator, module)
    bits = plan.accumulator
    body = wire(layer.pe * bits, "sums") + "".join(
        instance(
            name,
            f"pe{number}",
            {},
            {"clk": "clk", "valid": "add_valid", "x": "operands", "acc": f"sums[{number * bits} +: {bits}]"},
        )
        for number, (name, _, _) in enumerate(dots.modules)
    )
    return Engine(
        body=body,
        files={f"{module}_dots.v": unrolled_text(dots).encode()},
        latency=dots.latency,
        luts=dots.luts,
        ffs=dots.ffs,
    )


def dot_text(dot: Dot, module: str) -> str:
    """Write a processing element: the netlist, and a model of the same function and latency for fast simulation."""
    spec, lat = dot.spec, dot.latency
    acc, w_bits, x_bits = spec.accumulator, spec.code.bits, spec.x_bits
    head = (
        f"(* keep_hierarchy *)\nmodule {module}_dot (\n    input wire clk, valid, first,\n"
        f"    input wire [{spec.simd * w_bits - 1}:0] w,\n    input wire [{spec.simd * x_bits - 1}:0] x,\n"
        f"    output reg [{acc - 1}:0] acc\n);\n"
    )
    magnitude = "1'b1" if spec.code.magnitude == 0 else f"w[k*{w_bits} +: {spec.code.magnitude}]"
    term = f"x[k*{x_bits} +: {x_bits}] ^ {{{x_bits}{{w[k*{w_bits}+{w_bits - 1}]}}}}"
    fast = (
        f"  /* verilator no_inline_module */\n"
        f"  reg [{acc - 1}:0] total, delayed [0:{lat - 1}];\n  integer k;\n"
        f"  always @* begin\n    total = 0;\n    for (k = 0; k < {spec.simd}; k = k + 1)\n"
        f"      total = total + {magnitude} * ({term});\n  end\n"
        f"  always @(posedge clk) begin\n    delayed[0] <= total;\n"
        f"    for (k = 1; k < {lat}; k = k + 1) delayed[k] <= delayed[k-1];\n"
        f"    if (valid) acc <= (first ? {acc}'d0 : acc) + delayed[{lat - 1}];\n  end\n"
    )
    lines = "\n".join(netlist.verilog(dot.netlist.cells))
    tables = ""
    for part in dot.netlist.tables.values():
        lines = lines.replace(f" {part.name} ", f" {module}_{part.name} ")
        tables += table.verilog(evolve(part, name=f"{module}_{part.name}")) + "\n"
    gates = f"{lines}\n  always @(posedge clk) if (valid) acc <= {netlist.join(dot.total)};\n"
    return f"{HEADER}{tables}{head}`ifdef DRAWPLATE_FAST\n{fast}`else\n{gates}`endif\nendmodule\n{FOOTER}"
