# SPDX-License-Identifier: Apache-2.0
"""What the generator makes: files, and what is known about every layer without synthesis."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import attrs
from attrs import field, frozen

from drawplate_dataflow.hardware.library import PROBE
from drawplate_dataflow.hardware.module import Module
from drawplate_dataflow.hardware.port import Port
from drawplate_dataflow.hardware.structure import Facts
from drawplate_dataflow.hardware.top import TOP
from drawplate_dataflow.network import Network
from drawplate_dataflow.resources import Resources
from drawplate_dataflow.technology import Rom, Technology


@frozen(kw_only=True)
class LayerDesign:
    """A layer's module and what it needs to be simulated or synthesised alone."""

    name: str
    """The layer's name in the network."""
    kind: str
    module: str
    sources: tuple[str, ...]
    """Verilog files, its own and of the library, in reading order."""
    contents: tuple[str, ...]
    """Those that only hold ROM contents; other contents of the same shape need the same resources."""
    roms: tuple[Rom, ...] = ()
    s_ports: tuple[Port, ...]
    m_port: Port
    cycles: int
    """Clocks per frame that the layer needs when its neighbours keep up."""
    facts: Facts
    resources: Resources
    """Estimated."""


@frozen(kw_only=True)
class Design:
    """An RTL project: all files by name, flat, and the layers.  Equal networks and settings give equal bytes."""

    files: Mapping[str, bytes] = field(repr=False)
    top: str = TOP
    layers: tuple[LayerDesign, ...]
    forks: tuple[LayerDesign, ...] = ()
    """Where a stream has several readers: what lies between the layers."""
    s_port: Port
    m_port: Port
    network: Network = field(repr=False)
    """What it was made from."""
    technology: Technology = field(repr=False)
    """What it was made for."""
    modules: Mapping[str, Module] = field(repr=False)
    """What is inside the layers and forks, by module."""
    models: tuple[str, ...]
    """Files with the behaviour of the family's primitives, for simulation at gate level only."""

    @property
    def sources(self) -> tuple[str, ...]:
        """All Verilog files for synthesis, the top last."""
        return tuple(name for name in self.files if name.endswith(".v") and name not in self.simulated)

    @property
    def simulated(self) -> tuple[str, ...]:
        """Files that synthesis must not read."""
        return (PROBE.file, *self.models)

    @property
    def cycles(self) -> int:
        """Clocks per frame in the steady state: those of the slowest layer."""
        return max(layer.cycles for layer in self.layers)

    def said(self, unit: LayerDesign) -> str:
        """A layer or fork, as messages name it."""
        known = {layer.name: layer.said for layer in self.network.layers}
        return f"layer {known.get(unit.name, unit.name)}"

    def digest(self) -> str:
        """SHA-256 over names and bytes of all files."""
        total = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        return total.hexdigest()

    def shape_digest(self, layer: LayerDesign) -> str:
        """Digest of everything about a layer that decides its resources: not its ROM contents, nor its number."""
        module, technology = self.modules[layer.module], self.technology
        total = hashlib.sha256(module.text("layer").encode())
        for made in module.definitions():
            memory = made.contents("layer")
            parts = [repr(memory).encode()] if memory else made.files("layer", technology).values()
            for part in parts:
                total.update(part)
        for used in module.library():
            total.update(used.source(technology))
        return total.hexdigest()

    def write(self, folder: Path) -> None:
        """Write all files into an existing or new folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


def summary(design: Design) -> bytes:
    """Write ports and layers as JSON, for readers that have no Python."""
    record = {
        "top": design.top,
        "technology": design.technology.name,
        "input": attrs.asdict(design.s_port),
        "output": attrs.asdict(design.m_port),
        "cycles_per_frame": design.cycles,
        "layers": [attrs.asdict(layer) for layer in (*design.layers, *design.forks)],
    }
    return (json.dumps(record, indent=1, sort_keys=True) + "\n").encode()
