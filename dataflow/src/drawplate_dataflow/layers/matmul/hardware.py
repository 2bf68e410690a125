# SPDX-License-Identifier: Apache-2.0
"""A matrix layer: width converter, replay, processing elements, drain, threshold units, results."""

from __future__ import annotations

from drawplate_dataflow.hardware.activation import Activation, SumPort, activation, offsets, results
from drawplate_dataflow.hardware.design import LayerDesign, Port
from drawplate_dataflow.hardware.encode import unsigned_thresholds
from drawplate_dataflow.hardware.files import LayerFiles
from drawplate_dataflow.hardware.text import CLOCK, address_bits, instance, stream, stream_module, wire
from drawplate_dataflow.hardware.width import converter
from drawplate_dataflow.layers.matmul.blocks import offsets as offsets_of_sums
from drawplate_dataflow.layers.matmul.encode import encode_matrix
from drawplate_dataflow.layers.matmul.engine import folded, unrolled
from drawplate_dataflow.layers.matmul.matrix import Matrix
from drawplate_dataflow.layers.matmul.plan import MatMulPlan, output_room, plan_matmul
from drawplate_dataflow.network import IntType
from drawplate_dataflow.network.types import Integers

LIBRARY = ("dp_add3.v", "dp_width.v", "dp_replay.v", "dp_control.v", "dp_drain.v", "dp_results.v")


def matmul(layer: Matrix, x: IntType, module: str, s_port: Port) -> LayerFiles:
    """Generate a matrix layer.

    Args:
        layer: the layer.
        x: type of its input stream.
        module: name of its module, first part of all its names.
        s_port: its input port.
    """
    plan = plan_matmul(layer, x, module, s_port.elements)
    coded = encode_matrix(layer, x, plan.code)
    engine = unrolled(layer, plan, x, module) if plan.unrolled else folded(layer, plan, coded, x, module)
    sums = SumPort(prefix=module, bits=plan.accumulator, units=plan.units, channels=layer.mh // plan.units)
    tail = _tail(layer, sums, offsets_of_sums(layer, x, plan.share), x.step)
    m_port = Port(elements=plan.units, bits=layer.output.type.bits, beats=layer.output.elements // plan.units)
    room = output_room(layer, plan.units, engine.latency)
    body = _front(layer, s_port, x) + _control(layer, plan, engine.latency, room) + engine.body
    body += _drain(layer, plan) + tail.body + results(m_port.width, room)
    text = stream_module(module, [s_port.width], m_port.width, body)
    contents = {name: content for rom in tail.roms for name, content in rom.files.items()}
    return LayerFiles(
        files={**engine.files, **contents, f"{module}.v": text.encode()},
        library=(*LIBRARY, *engine.library, *tail.library),
        design=LayerDesign(
            name=layer.name,
            kind=layer.kind,
            module=module,
            sources=(),
            contents=(*engine.contents, *contents),
            roms=(*engine.roms, *(rom.rom for rom in tail.roms)),
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
            luts=engine.luts,
            ffs=engine.ffs,
            latency=engine.latency,
            unrolled=plan.unrolled,
            dsp=engine.dsp + tail.dsp,
        ),
    )


def _tail(layer: Matrix, sums: SumPort, offset: Integers, step: int) -> Activation:
    out = layer.output.type
    if layer.thresholds is None:
        return offsets(sums, offset - out.low, step, out.bits)
    return activation(sums, unsigned_thresholds(layer.thresholds, offset, step, sums.bits), out.bits)


def _front(layer: Matrix, s_port: Port, x: IntType) -> str:
    """From the input stream to words that are replayed."""
    lanes = layer.simd * x.bits
    text = f"  // {layer.mw} x {layer.mh}, PE = {layer.pe}, SIMD = {layer.simd}\n"
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
    return text + f"  reg [{lanes - 1}:0] operands; always @(posedge clk) operands <= q;\n"


def _control(layer: Matrix, plan: MatMulPlan, latency: int, room: int) -> str:
    used = layer.mh - (layer.nf - 1) * layer.pe
    bits = address_bits(plan.depth)
    return wire(bits, "address") + instance(
        "dp_control",
        "control",
        {"DEPTH": plan.depth, "OUTS": layer.pe // plan.units, "LAST_OUTS": -(-used // plan.units)}
        | {"ROOM": room, "LATENCY": latency, "AB": bits},
        CLOCK
        | {name: name for name in ("available", "first", "last", "last_pass", "popped", "take", "address")}
        | {name: name for name in ("add_valid", "add_first", "done")},
    )


def _drain(layer: Matrix, plan: MatMulPlan) -> str:
    channels, bits = layer.mh // plan.units, plan.accumulator
    text = wire(plan.units * bits, "sum_data") + "  wire sum_valid;\n" + wire(address_bits(channels), "sum_channel")
    return text + instance(
        "dp_drain",
        "drain",
        {
            "BITS": bits,
            "PE": layer.pe,
            "UNITS": plan.units,
            "CHANNELS": channels,
            "CB": address_bits(channels),
            "LATE": layer.dsp_pe if plan.late else 0,
        },
        CLOCK
        | {"done": "done", "late": "late_done" if plan.late else "done", "sums": "sums", "q": "sum_data"}
        | {"valid": "sum_valid", "channel": "sum_channel"},
    )
