# SPDX-License-Identifier: Apache-2.0
"""The top module: layers, forks where a stream has several readers, and the FIFOs that keep forks from blocking."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from drawplate_target_z7020.description import INPUT, Layer, Network, Window
from drawplate_target_z7020.rtl.design import TOP, LayerDesign, Port
from drawplate_target_z7020.rtl.text import FOOTER, HEADER, declare_stream, instance, stream

FORK_LIBRARY = ("dp_fork.v", "dp_fifo.v")


@frozen(kw_only=True)
class Branch:
    """One way out of a fork: to an input of a layer."""

    reader: str
    side: int
    depth: int
    """Words of the FIFO on it; 0 for none."""


def branches(network: Network, name: str, port: Port) -> tuple[Branch, ...]:
    """Return where a stream goes.

    Where branches meet again, the one with fewer windows behind it waits for the other.  A FIFO of a whole frame on
    it cannot block: the fork can then send the frame to the slow branch to its end.
    """
    ends = [
        (layer, side) for layer in network.readers(name) for side, wanted in enumerate(layer.inputs) if wanted == name
    ]
    slowest = max(range(len(ends)), key=lambda at: _windows(network, ends[at][0]))
    depth = 1 << (port.beats + 15).bit_length()
    return tuple(
        Branch(reader=layer.name, side=side, depth=0 if at == slowest else depth)
        for at, (layer, side) in enumerate(ends)
    )


def _windows(network: Network, layer: Layer) -> int:
    """Most windows on any way from a layer to the output."""
    behind = max((_windows(network, reader) for reader in network.readers(layer.name)), default=0)
    return behind + isinstance(layer, Window)


def forks(network: Network, ports: Mapping[str, Port]) -> dict[str, tuple[Branch, ...]]:
    """Return the branches of every stream that has more than one reader."""
    found = {name: branches(network, name, ports[name]) for name in ports if network.readers(name)}
    return {name: ends for name, ends in found.items() if len(ends) > 1}


def top_text(network: Network, layers: tuple[LayerDesign, ...], s_port: Port) -> str:
    """Write the top module."""
    last = layers[-1]
    ports = {INPUT: s_port} | {record.name: record.m_port for record in layers}
    nets = {INPUT: "s"} | {record.name: record.module for record in layers[:-1]} | {last.name: "m"}
    split = forks(network, ports)
    text = f"{HEADER}module {TOP} (\n    input wire clk, rst,\n"
    text += f"    input wire [{s_port.width - 1}:0] s_data, input wire s_valid, output wire s_ready,\n"
    text += f"    output wire [{last.m_port.width - 1}:0] m_data, output wire m_valid, input wire m_ready\n);\n"
    text += "".join(declare_stream(record.module, record.m_port.width) for record in layers[:-1])
    arriving: dict[tuple[str, int], str] = {}
    for name, ends in split.items():
        text += _fork(nets[name], ports[name], ends, arriving)
    for layer, record in zip(network.layers, layers, strict=True):
        sources = [arriving.get((layer.name, side), nets[name]) for side, name in enumerate(layer.inputs)]
        sides = ["s"] if len(sources) == 1 else [f"s{side}" for side in range(len(sources))]
        connections = {"clk": "clk", "rst": "rst"}
        for side, source in zip(sides, sources, strict=True):
            connections |= stream(source, side)
        text += instance(record.module, f"u_{record.module}", {}, connections | stream(nets[layer.name], "m"))
    return f"{text}{_probes(layers, nets)}endmodule\n{FOOTER}"


def _fork(source: str, port: Port, ends: tuple[Branch, ...], arriving: dict[tuple[str, int], str]) -> str:
    """Write a fork and its FIFOs, and note the nets that the readers see."""
    names = [f"{source}_to{at}" for at in range(len(ends))]
    text = "".join(declare_stream(name, port.width) for name in names)
    joined = {part: f"{{{', '.join(f'{name}_{part}' for name in reversed(names))}}}" for part in ("data", "valid")}
    joined["ready"] = f"{{{', '.join(f'{name}_ready' for name in reversed(names))}}}"
    text += instance(
        "dp_fork",
        f"fork_{source}",
        {"BITS": port.width, "N": len(ends)},
        {"clk": "clk", "rst": "rst"} | stream(source) | {f"m_{part}": net for part, net in joined.items()},
    )
    for name, end in zip(names, ends, strict=True):
        arriving[end.reader, end.side] = name
        if end.depth:
            text += declare_stream(f"{name}_kept", port.width)
            text += instance(
                "dp_fifo",
                f"fifo_{name}",
                {"BITS": port.width, "DEPTH": end.depth},
                {"clk": "clk", "rst": "rst"} | stream(name) | stream(f"{name}_kept", "m"),
            )
            arriving[end.reader, end.side] = f"{name}_kept"
    return text


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
