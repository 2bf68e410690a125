# SPDX-License-Identifier: Apache-2.0
"""What multiplies in a matrix layer: from ``operands``, ``address``, ``add_valid``, ``add_first`` to ``sums``."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from drawplate_dataflow.hardware import netlist, table
from drawplate_dataflow.hardware.constant import unroll, unrolled_text
from drawplate_dataflow.hardware.design import Rom
from drawplate_dataflow.hardware.dot import Dot
from drawplate_dataflow.hardware.encode import pack
from drawplate_dataflow.hardware.rom import make_rom
from drawplate_dataflow.hardware.text import FOOTER, HEADER, instance, wire
from drawplate_dataflow.layers.matmul.blocks import Share, stored_words
from drawplate_dataflow.layers.matmul.chains import chains, late_addresses, late_operands, tap
from drawplate_dataflow.layers.matmul.encode import Coded, arrange
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import MatMulPlan
from drawplate_dataflow.network import IntType


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


def folded(layer: Matrix, plan: MatMulPlan, coded: Coded, x: IntType, module: str) -> Engine:
    """PE processing elements: equal ones of LUTs that read their weights from one ROM, and those in DSP blocks."""
    parts = [_in_luts(layer, plan, plan.dot, coded, module)] if plan.dot else []
    body = wire(layer.pe * plan.accumulator, "sums")
    if plan.share is not None:
        body += late_addresses(plan) + late_operands(layer, plan, x)
        parts.append(_in_blocks(layer, plan, plan.share, x))
    return Engine(
        body=body + "".join(part.body for part in parts),
        files={name: text for part in parts for name, text in part.files.items()},
        library=tuple(name for part in parts for name in part.library),
        contents=tuple(name for part in parts for name in part.contents),
        roms=plan.roms,
        latency=plan.latency,
        luts=sum(part.luts for part in parts),
        ffs=sum(part.ffs for part in parts),
        dsp=sum(part.dsp for part in parts),
    )


def _in_luts(layer: Matrix, plan: MatMulPlan, dot: Dot, coded: Coded, module: str) -> Engine:
    assert plan.weights is not None
    count = layer.pe - layer.dsp_pe
    words = coded.words[:, :, :count].reshape(plan.depth, -1)
    weights = make_rom(plan.weights, pack(words, plan.code.bits))
    share, bits = layer.simd * plan.code.bits, plan.accumulator
    late = plan.dot_wait > 0
    body = wire(plan.weights.bits, "w") + weights.instance("weights", tap(plan, plan.dot_wait), "w")
    body += "".join(
        instance(
            f"{module}_dot",
            f"pe{pe}",
            {},
            {"clk": "clk", "valid": "add_valid", "first": "add_first", "x": "late" if late else "operands"}
            | {"w": f"w[{pe * share} +: {share}]", "acc": f"sums[{pe * bits} +: {bits}]"},
        )
        for pe in range(count)
    )
    return Engine(
        body=body,
        files={f"{module}_dot.v": dot_text(dot, module).encode(), **weights.files},
        library=("dp_rom.v",),
        contents=tuple(weights.files),
        latency=dot.latency,
        luts=count * dot.netlist.luts,
        ffs=count * dot.netlist.ffs,
    )


def _in_blocks(layer: Matrix, plan: MatMulPlan, share: Share, x: IntType) -> Engine:
    fields = stored_words(arrange(layer.weights, layer)[:, :, layer.pe - layer.dsp_pe :], share).reshape(
        plan.depth, layer.simd, -1
    )
    roms = [
        make_rom(rom, pack(fields[:, 2 * at : 2 * at + 2].reshape(plan.depth, -1), share.packing.weight_bits))
        for at, rom in enumerate(plan.lanes)
    ]
    found = chains(layer, plan, share, x, roms)
    contents = {name: content for rom in roms for name, content in rom.files.items()}
    in_luts = 0 if share.packing.adds_up else share.pes * plan.accumulator
    return Engine(
        body=found,
        files=contents,
        library=("dp_rom.v", "dp_taps.v", "dp_delay.v", "dp_add3.v", "dp_accumulate.v", "dp_chain.v"),
        contents=tuple(contents),
        latency=plan.latency,
        luts=in_luts,
        ffs=in_luts,
        dsp=share.dsp,
    )


def unrolled(layer: Matrix, plan: MatMulPlan, x: IntType, module: str) -> Engine:
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
