# SPDX-License-Identifier: Apache-2.0
"""Layers that treat every element by itself: thresholds, sums of two streams; and the final argmax."""

from __future__ import annotations

import numpy as np
from attrs import evolve

from drawplate_dataflow.hardware.activation import SumPort, activation
from drawplate_dataflow.hardware.design import Port
from drawplate_dataflow.hardware.encode import unsigned_thresholds
from drawplate_dataflow.hardware.image import check_lanes, finish
from drawplate_dataflow.hardware.matmul import results
from drawplate_dataflow.hardware.parts import LayerFiles
from drawplate_dataflow.hardware.plan import SMALLEST_ROOM
from drawplate_dataflow.hardware.text import CLOCK, address_bits, instance, stream, wire
from drawplate_dataflow.hardware.width import converter
from drawplate_dataflow.network import Add, ArgMax, Stream, Threshold


def threshold(layer: Threshold, source: Stream, module: str, s_port: Port) -> LayerFiles:
    """Generate a threshold layer with ``pe`` units."""
    check_lanes(layer, "PE", layer.pe, source.channels)
    x, out = source.type, layer.output.type
    channels = source.channels // layer.pe
    # One bit more than a code, so that a threshold that is never reached can be said.
    sums = SumPort(prefix=module, bits=x.bits + 1, units=layer.pe, channels=channels)
    offset = np.full(source.channels, x.low)
    tail = activation(sums, unsigned_thresholds(layer.thresholds, offset, x.step, sums.bits), out.bits)
    m_port = Port(elements=layer.pe, bits=out.bits, beats=layer.output.elements // layer.pe)
    room = max(SMALLEST_ROOM, 1 << (tail.latency + 3).bit_length())
    body = converter("s", "x", x.bits, s_port, layer.pe)
    body += wire(layer.pe * sums.bits, "sum_data") + wire(address_bits(channels), "sum_channel")
    body += "  wire sum_valid, popped;\n"
    body += "".join(
        f"  assign sum_data[{lane * sums.bits} +: {sums.bits}] = {{1'b0, x_data[{lane * x.bits} +: {x.bits}]}};\n"
        for lane in range(layer.pe)
    )
    body += instance(
        "dp_gate",
        "gate",
        {"ROOM": room, "CHANNELS": channels, "CB": address_bits(channels)},
        CLOCK
        | {"s_valid": "x_valid", "s_ready": "x_ready", "enter": "sum_valid"}
        | {"channel": "sum_channel", "popped": "popped"},
    )
    body += tail.body
    body += results(m_port, room)
    library = ("dp_width.v", "dp_gate.v", "dp_results.v", *tail.library)
    part = finish(layer, module, (s_port,), m_port, body, library)
    files = {name: content for rom in tail.roms for name, content in rom.files.items()}
    record = evolve(part.design, contents=tuple(files), roms=tuple(rom.rom for rom in tail.roms), dsp=tail.dsp)
    return LayerFiles(files={**files, **part.files}, library=library, design=record)


def add(layer: Add, sources: tuple[Stream, ...], module: str, s_ports: tuple[Port, ...]) -> LayerFiles:
    """Generate the sum of two streams, ``pe`` elements at once."""
    a, b = (source.type for source in sources)
    check_lanes(layer, "PE", layer.pe, layer.output.channels)
    out = layer.output.type.bits
    m_port = Port(elements=layer.pe, bits=out, beats=layer.output.elements // layer.pe)
    body = converter("s0", "a", a.bits, s_ports[0], layer.pe) + converter("s1", "b", b.bits, s_ports[1], layer.pe)
    body += instance(
        "dp_add",
        "add",
        {"AB": a.bits, "BB": b.bits, "OB": out, "LANES": layer.pe},
        CLOCK
        | {f"a_{part}": f"a_{part}" for part in ("data", "valid", "ready")}
        | {f"b_{part}": f"b_{part}" for part in ("data", "valid", "ready")}
        | stream("m", "m"),
    )
    return finish(layer, module, s_ports, m_port, body, ("dp_width.v", "dp_add.v"))


def argmax(layer: ArgMax, source: Stream, module: str, s_port: Port) -> LayerFiles:
    """Generate the index of the largest element, one element per clock."""
    out = layer.output.type.bits
    m_port = Port(elements=1, bits=out, beats=1)
    body = converter("s", "x", source.type.bits, s_port, 1)
    body += instance(
        "dp_argmax",
        "argmax",
        {"BITS": source.type.bits, "COUNT": source.elements, "OB": out},
        CLOCK | stream("x") | stream("m", "m"),
    )
    return finish(layer, module, (s_port,), m_port, body, ("dp_width.v", "dp_argmax.v"))
