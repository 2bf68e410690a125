# SPDX-License-Identifier: Apache-2.0
"""From a network to an RTL project."""

from __future__ import annotations

from attrs import frozen

from drawplate.errors import ModelError
from drawplate_target_z7020.description import INPUT, MatMul, Layer, Network
from drawplate_target_z7020.rtl.design import TOP, Design, LayerDesign, Port, summary
from drawplate_target_z7020.rtl.matmul import matmul
from drawplate_target_z7020.rtl.parts import LayerFiles
from drawplate_target_z7020.rtl.text import FOOTER, HEADER, declare_stream, instance, library, stream, wire


def generate(network: Network) -> Design:
    """Generate the RTL project of a network.

    Raises:
        ModelError: when a layer cannot be built as folded, by its name.
    """
    ports = {INPUT: _input_port(network)}
    parts: list[LayerFiles] = []
    for number, layer in enumerate(network.layers):
        part = _layer(network, layer, f"layer{number}", [ports[name] for name in layer.inputs])
        ports[layer.name] = part.design.m_port
        parts.append(part)
    layers = tuple(part.finished() for part in parts)
    files: dict[str, bytes] = {}
    for name in sorted({name for part in parts for name in part.library}):
        files[name] = library(name)
    for part in parts:
        files |= part.files
    files["drawplate_top.v"] = _top(network, layers).encode()
    files["primitives_sim.v"] = library("primitives_sim.v")
    design = Design(files=files, layers=layers, s_port=ports[INPUT], m_port=layers[-1].m_port)
    files["design.json"] = summary(design)
    return design


def _input_port(network: Network) -> Port:
    """The first layer's folding decides how many elements enter at once."""
    first = network.readers(INPUT)[0]
    elements = first.simd if isinstance(first, MatMul) else getattr(first, "simd", getattr(first, "pe", 1))
    bits = network.input.type.bits
    beats = first.sf * network.input.pixels if isinstance(first, MatMul) else network.input.elements // elements
    return Port(elements=elements, bits=bits, beats=beats)


def _layer(network: Network, layer: Layer, module: str, s_ports: list[Port]) -> LayerFiles:
    match layer:
        case MatMul():
            return matmul(layer, network.sources(layer)[0].type, module, s_ports[0])
    raise ModelError(f"no hardware for layers of kind {type(layer).__name__}", where=f"layer {layer.name}")


def _top(network: Network, layers: tuple[LayerDesign, ...]) -> str:
    first, last = layers[0].s_ports[0], layers[-1].m_port
    text = f"{HEADER}module {TOP} (\n    input wire clk, rst,\n"
    text += f"    input wire [{first.width - 1}:0] s_data, input wire s_valid, output wire s_ready,\n"
    text += f"    output wire [{last.width - 1}:0] m_data, output wire m_valid, input wire m_ready\n);\n"
    nets = {INPUT: "s"}
    for layer, record in zip(network.layers, layers, strict=True):
        nets[layer.name] = record.module if record is not layers[-1] else "m"
        if record is not layers[-1]:
            text += declare_stream(record.module, record.m_port.width)
        sources = [nets[name] for name in layer.inputs]
        sides = ["s"] if len(sources) == 1 else [f"s{at}" for at in range(len(sources))]
        ports = {"clk": "clk", "rst": "rst"}
        for side, source in zip(sides, sources, strict=True):
            ports |= stream(source, side)
        text += instance(record.module, f"u_{record.module}", {}, ports | stream(nets[layer.name], "m"))
    return f"{text}endmodule\n{FOOTER}"
