# SPDX-License-Identifier: Apache-2.0
"""The top module: layers, and forks where a stream has several readers."""

from __future__ import annotations

from collections.abc import Mapping

from drawplate_dataflow.hardware.design import TOP, LayerDesign, Port
from drawplate_dataflow.hardware.fork import Branch
from drawplate_dataflow.hardware.text import CLOCK, FOOTER, HEADER, declare_stream, instance, stream
from drawplate_dataflow.network import INPUT, Network

Forks = Mapping[str, tuple[LayerDesign, tuple[Branch, ...]]]
"""Forks and their branches, by the name of the stream."""


def top_text(network: Network, layers: tuple[LayerDesign, ...], s_port: Port, forks: Forks) -> str:
    """Write the top module."""
    last = layers[-1]
    nets = {INPUT: "s"} | {record.name: record.module for record in layers[:-1]} | {last.name: "m"}
    text = f"{HEADER}module {TOP} (\n    input wire clk, rst,\n"
    text += f"    input wire [{s_port.width - 1}:0] s_data, input wire s_valid, output wire s_ready,\n"
    text += f"    output wire [{last.m_port.width - 1}:0] m_data, output wire m_valid, input wire m_ready\n);\n"
    text += "".join(declare_stream(record.module, record.m_port.width) for record in layers[:-1])
    arriving: dict[tuple[str, int], str] = {}
    for name, (record, ends) in forks.items():
        text += _fork(nets[name], record, ends, arriving)
    for layer, record in zip(network.layers, layers, strict=True):
        sources = [arriving.get((layer.name, side), nets[name]) for side, name in enumerate(layer.inputs)]
        sides = ["s"] if len(sources) == 1 else [f"s{side}" for side in range(len(sources))]
        connections = dict(CLOCK)
        for side, source in zip(sides, sources, strict=True):
            connections |= stream(source, side)
        text += instance(record.module, f"u_{record.module}", {}, connections | stream(nets[layer.name], "m"))
    return f"{text}{_probes(layers, nets)}endmodule\n{FOOTER}"


def _fork(source: str, record: LayerDesign, ends: tuple[Branch, ...], arriving: dict[tuple[str, int], str]) -> str:
    """Write an instance of a fork, and note the nets that the readers see."""
    names = [f"{source}_to{at}" for at in range(len(ends))]
    text = "".join(declare_stream(name, record.m_port.width) for name in names)
    connections = CLOCK | stream(source)
    for at, (name, end) in enumerate(zip(names, ends, strict=True)):
        arriving[end.reader, end.side] = name
        connections |= stream(name, f"m{at}")
    return text + instance(record.module, f"u_{record.module}", {}, connections)


def _probes(layers: tuple[LayerDesign, ...], nets: Mapping[str, str]) -> str:
    """Record every stream to a file, for simulation only."""
    lines = [
        instance(
            "dp_probe",
            f"probe_{record.module}",
            {"BITS": record.m_port.width, "FILE": f"{record.module}.words"},
            {"clk": "clk", "data": f"{nets[record.name]}_data"}
            | {"moved": f"{nets[record.name]}_valid && {nets[record.name]}_ready && !rst"},
        )
        for record in layers
    ]
    return f"`ifdef DRAWPLATE_PROBE\n{''.join(lines)}`endif\n"
