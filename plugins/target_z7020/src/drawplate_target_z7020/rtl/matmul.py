# SPDX-License-Identifier: Apache-2.0
"""A matrix layer: width converter, replay, weights, processing elements, drain, threshold units, results."""

from __future__ import annotations

import numpy as np

from drawplate_target_z7020.description import IntType, MatMul
from drawplate_target_z7020.rtl import netlist, table
from drawplate_target_z7020.rtl.activation import SumPort, Tail, offsets, thresholds
from drawplate_target_z7020.rtl.design import LayerDesign, Port
from drawplate_target_z7020.rtl.dot import Dot
from drawplate_target_z7020.rtl.encode import encode_matrix, pack, unsigned_thresholds
from drawplate_target_z7020.rtl.parts import LayerFiles
from drawplate_target_z7020.rtl.plan import MatMulPlan, plan_matmul
from drawplate_target_z7020.rtl.rom import make_rom
from drawplate_target_z7020.rtl.text import (
    CLOCK,
    FOOTER,
    HEADER,
    address_bits,
    instance,
    stream,
    stream_module,
    wire,
)
from drawplate_target_z7020.rtl.width import converter

LIBRARY = ("dp_add3.v", "dp_width.v", "dp_replay.v", "dp_control.v", "dp_drain.v", "dp_rom.v", "dp_results.v")


def matmul(layer: MatMul, x: IntType, module: str, s_port: Port) -> LayerFiles:
    """Generate a matrix layer.

    Args:
        layer: the layer.
        x: type of its input stream.
        module: name of its module, first part of all its names.
        s_port: its input port.
    """
    plan = plan_matmul(layer, x, module, s_port.elements)
    coded = encode_matrix(layer, x, plan.code)
    words = pack(coded.words.reshape(plan.weights.depth, -1), plan.code.bits)
    weights = make_rom(plan.weights, words)
    sums = SumPort(prefix=module, bits=plan.accumulator, units=plan.units, channels=layer.mh // plan.units)
    tail = _tail(layer, sums, coded.offset, x.step)
    m_port = Port(
        elements=plan.units,
        bits=layer.output.type.bits,
        beats=layer.output.elements // plan.units,
    )
    body = _body(layer, plan, s_port, m_port, x)
    body += weights.instance("weights", "address", "w") + _elements(layer, plan) + tail.body
    text = stream_module(module, [s_port.width], m_port.width, body)
    roms = (weights, *tail.roms)
    own = {
        **{f"{module}_{part.name}.v": _table(module, part) for part in plan.dot.netlist.tables.values()},
        f"{module}_dot.v": dot_text(plan.dot, module).encode(),
        **{name: content for rom in roms for name, content in rom.files.items()},
        f"{module}.v": text.encode(),
    }
    return LayerFiles(
        files=own,
        library=(*LIBRARY, *tail.library),
        design=LayerDesign(
            name=layer.name,
            kind="MatMul",
            module=module,
            sources=(),
            contents=tuple(name for rom in roms for name in rom.files),
            roms=tuple(rom.rom for rom in roms),
            s_ports=(s_port,),
            m_port=m_port,
            cycles=plan.cycles,
            pe=layer.pe,
            simd=layer.simd,
            units=plan.units,
            weight_bits=plan.code.bits,
            input_bits=x.bits,
            output_bits=layer.output.type.bits,
            accumulator=plan.accumulator,
            dot_luts=plan.dot.netlist.luts,
            dot_ffs=plan.dot.netlist.ffs,
            dot_latency=plan.dot.latency,
        ),
    )


def _tail(layer: MatMul, sums: SumPort, offset: np.ndarray, step: int) -> Tail:
    out = layer.output.type
    if layer.thresholds is None:
        return offsets(sums, offset - out.low, step, out.bits)
    return thresholds(sums, unsigned_thresholds(layer.thresholds, offset, step, sums.bits), out.bits)


def _body(layer: MatMul, plan: MatMulPlan, s_port: Port, m_port: Port, x: IntType) -> str:
    lanes, latency, outs = layer.simd * x.bits, plan.dot.latency, layer.pe // plan.units
    used = layer.mh - (layer.nf - 1) * layer.pe
    text = f"  // {layer.mw} x {layer.mh}, PE = {layer.pe}, SIMD = {layer.simd}, {plan.accumulator}-bit sums\n"
    # A vector, not the image, is what ends with a partly filled word.
    vector = Port(elements=s_port.elements, bits=x.bits, beats=s_port.beats // layer.output.pixels)
    text += converter("s", "x", x.bits, vector, layer.simd)
    text += wire(lanes, "q") + "  wire available, take, first, last, last_pass, popped, add_valid, add_first, done;\n"
    text += instance(
        "dp_replay",
        "replay",
        {"BITS": lanes, "SF": layer.sf, "NF": layer.nf},
        CLOCK | stream("x") | {name: name for name in ("q", "available", "take", "first", "last", "last_pass")},
    )
    bits = address_bits(plan.weights.depth)
    text += wire(bits, "address")
    text += instance(
        "dp_control",
        "control",
        {"DEPTH": plan.weights.depth, "OUTS": outs, "LAST_OUTS": -(-used // plan.units)}
        | {"ROOM": plan.room, "LATENCY": latency, "AB": bits},
        CLOCK
        | {name: name for name in ("available", "first", "last", "last_pass", "popped", "take", "address")}
        | {name: name for name in ("add_valid", "add_first", "done")},
    )
    text += f"  reg [{lanes - 1}:0] operands; always @(posedge clk) operands <= q;\n"
    text += wire(plan.weights.bits, "w") + wire(layer.pe * plan.accumulator, "sums")
    return text + _results(plan, m_port)


def _results(plan: MatMulPlan, m_port: Port) -> str:
    return instance(
        "dp_results",
        "results",
        {"BITS": m_port.width, "DEPTH": plan.room},
        CLOCK | {"s_valid": "code_valid", "s_data": "code_data", "popped": "popped"} | stream("m", "m"),
    )


def _elements(layer: MatMul, plan: MatMulPlan) -> str:
    """Processing elements and their drain."""
    module = plan.weights.name.removesuffix("_weights")
    share, bits = layer.simd * plan.code.bits, plan.accumulator
    text = "".join(
        instance(
            f"{module}_dot",
            f"pe{pe}",
            {},
            {"clk": "clk", "valid": "add_valid", "first": "add_first", "x": "operands"}
            | {"w": f"w[{pe * share} +: {share}]", "acc": f"sums[{pe * bits} +: {bits}]"},
        )
        for pe in range(layer.pe)
    )
    channels = layer.mh // plan.units
    text += wire(plan.units * bits, "sum_data") + "  wire sum_valid;\n" + wire(address_bits(channels), "sum_channel")
    return text + instance(
        "dp_drain",
        "drain",
        {"BITS": bits, "PE": layer.pe, "UNITS": plan.units, "CHANNELS": channels, "CB": address_bits(channels)},
        CLOCK | {"done": "done", "sums": "sums", "q": "sum_data", "valid": "sum_valid", "channel": "sum_channel"},
    )


def _table(module: str, part: table.Table) -> bytes:
    renamed = table.Table(f"{module}_{part.name}", part.inputs, part.values, part.luts)
    return (HEADER + table.verilog(renamed) + FOOTER).encode()


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
    for name in dot.netlist.tables:
        lines = lines.replace(f" {name} ", f" {module}_{name} ")
    gates = f"{lines}\n  always @(posedge clk) if (valid) acc <= {netlist.join(dot.total)};\n"
    return f"{HEADER}{head}`ifdef DRAWPLATE_FAST\n{fast}`else\n{gates}`endif\nendmodule\n{FOOTER}"
