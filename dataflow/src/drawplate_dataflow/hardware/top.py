# SPDX-License-Identifier: Apache-2.0
"""The top module: layers, and forks where a stream has several readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from drawplate_dataflow.hardware.fork import Branch
from drawplate_dataflow.hardware.items import Instance, Item, Simulated, stream_wires
from drawplate_dataflow.hardware.library import PROBE
from drawplate_dataflow.hardware.module import CLOCKED, Module, ModuleCell, stream_pins
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.text import CLOCK, stream
from drawplate_dataflow.network import INPUT

TOP: Final = "drawplate_top"
"""Name of the top module."""


@frozen(kw_only=True)
class Placed:
    """A layer's module, or a fork's, in the top module."""

    name: str
    """Of the layer, or of the stream that is forked."""
    cell: ModuleCell
    inputs: tuple[str, ...] = ()
    """Streams that a layer reads."""
    m_port: Port
    branches: tuple[Branch, ...] = ()


def top(layers: Sequence[Placed], forks: Sequence[Placed], s_port: Port) -> Module:
    """Make the top module."""
    last = layers[-1]
    nets = {INPUT: "s"} | {layer.name: layer.cell.module_name for layer in layers[:-1]} | {last.name: "m"}
    items: list[Item] = [item for layer in layers[:-1] for item in stream_wires(nets[layer.name], layer.m_port.width)]
    arriving: dict[tuple[str, int], str] = {}
    for split in forks:
        items += _fork(nets[split.name], split, arriving)
    for layer in layers:
        sources = [arriving.get((layer.name, side), nets[name]) for side, name in enumerate(layer.inputs)]
        sides = ["s"] if len(sources) == 1 else [f"s{side}" for side in range(len(sources))]
        connections = dict(CLOCK)
        for side, source in zip(sides, sources, strict=True):
            connections |= stream(source, side)
        items.append(Instance(layer.cell, f"u_{layer.cell.module_name}", connections | stream(nets[layer.name], "m")))
    items.append(Simulated("DRAWPLATE_PROBE", tuple(_probes(layers, nets))))
    pins = (*CLOCKED, *stream_pins("s", s_port.width), *stream_pins("m", last.m_port.width, leaves=True))
    return Module(pins, tuple(items))


def _fork(source: str, split: Placed, arriving: dict[tuple[str, int], str]) -> Iterator[Item]:
    """Yield a fork, and note the nets that the readers see."""
    names = [f"{source}_to{at}" for at in range(len(split.branches))]
    connections = CLOCK | stream(source)
    for at, (name, end) in enumerate(zip(names, split.branches, strict=True)):
        yield from stream_wires(name, split.m_port.width)
        arriving[end.reader, end.side] = name
        connections |= stream(name, f"m{at}")
    yield Instance(split.cell, f"u_{split.cell.module_name}", connections)


def _probes(layers: Sequence[Placed], nets: Mapping[str, str]) -> Iterator[Item]:
    """Record every stream to a file, for simulation only."""
    for layer in layers:
        net, module = nets[layer.name], layer.cell.module_name
        yield Instance(
            PROBE(BITS=layer.m_port.width, FILE=f"{module}.words"),
            f"probe_{module}",
            {"clk": "clk", "data": f"{net}_data", "moved": f"{net}_valid && {net}_ready && !rst"},
        )
